"""What segments may ask about a person: each name, its kind and where it stands.

The white list of the compiler: no column is reached that is not named here. ``t`` is
the trader, ``s`` the figures, ``p`` the contact.
"""

from dataclasses import dataclass

from .event_schema import KNOWN_TYPES

# kind → the comparisons it knows
OPS = {
    "choice": ("in", "not_in"),
    "lookup": ("in", "not_in", "empty", "set"),
    "text": ("in", "not_in", "empty", "set"),
    "ids": ("in", "not_in"),
    "tags": ("in", "not_in"),
    "flag": ("is",),
    "exists": ("is",),
    "number": (">=", "<=", "between", "empty", "set"),
    "share": (">=", "<=", "between", "empty", "set"),
    "age": (">=", "<=", "between"),
    "moment": ("older_than", "within", "empty", "set"),
    "day": ("older_than", "within", "empty", "set"),
    "birthday": ("within",),
}
UNITS = {"minutes": 60, "hours": 3600, "days": 86_400}
# Longer spans are a slip of the finger, and overflow a date.
MOST_DAYS = 3_650


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that can be asked; ``source`` is (table, column) of a look-up."""

    group: str
    kind: str
    column: str
    source: tuple[str, str] | None = None


def _figures(kind, names, table="s"):
    return {name: Field("figure", kind, f"{table}.{name}") for name in names.split()}


PROFILE = {
    "stage": Field("profile", "choice", "t.stage"),
    "stage_since": Field("profile", "moment", "t.stage_since"),
    "tier": Field("profile", "lookup", "t.tier_id", ("veloc_tier", "code")),
    "vip_level": Field(
        "profile", "lookup", "t.vip_level_id", ("veloc_vip_level", "code")
    ),
    "kyc_state": Field("profile", "choice", "t.kyc_state"),
    "kyc_at": Field("profile", "moment", "t.kyc_at"),
    "lang": Field("profile", "text", "p.lang"),
    "state": Field("profile", "lookup", "p.state_id", ("res_country_state", "code")),
    "age": Field("profile", "age", "p.veloc_birth_date"),
    "birthday": Field("profile", "birthday", "p.veloc_birth_date"),
    "has_email": Field("profile", "flag", "p.email"),
    "has_phone": Field("profile", "flag", "p.phone"),
    "source": Field("profile", "lookup", "t.source_id", ("utm_source", "name")),
    "medium": Field("profile", "lookup", "t.medium_id", ("utm_medium", "name")),
    "campaign": Field("profile", "lookup", "t.campaign_id", ("utm_campaign", "name")),
    "tag": Field("profile", "tags", "t.partner_id"),
    "has_links": Field("profile", "exists", "t.id", ("veloc_trader_link", "trader_id")),
    "company": Field("profile", "ids", "t.company_id"),
    "lead_at": Field("profile", "moment", "t.lead_at"),
    "signup_at": Field("profile", "moment", "t.signup_at"),
    "kyc_approved_at": Field("profile", "moment", "t.kyc_approved_at"),
}
WINDOWED = (
    "deposit_count deposit_total withdrawal_count withdrawal_total trade_count "
    "volume_total result_total login_count active_days"
)
FIGURES = {
    **_figures(
        "number",
        "deposit_count deposit_total withdrawal_count withdrawal_total net_deposit "
        "trade_count volume_total result_total",
        "t",
    ),
    **_figures(
        "moment",
        "first_deposit_at last_deposit_at last_activity_at last_login_at last_event_at",
        "t",
    ),
    **_figures(
        "number", " ".join(f"{w}_{n}" for n in (7, 30, 90) for w in WINDOWED.split())
    ),
    **_figures(
        "number",
        "active_days deposit_days event_count login_count deposit_max streak_days "
        "streak_best quality_issue_count",
    ),
    **_figures(
        "moment", "first_event_at first_trade_at last_trade_at last_withdrawal_at"
    ),
    **_figures(
        "day", "first_deposit_day last_deposit_day first_active_day last_active_day"
    ),
}
SCORES = {
    name: Field("score", field.kind, field.column)
    for name, field in (
        _figures("number", "rfm_r rfm_f rfm_m overdue_ratio ltv ltv_simple")
        | _figures("share", "p_alive churn_risk p_first_deposit p_next_deposit")
    ).items()
}
SCORES |= {
    "rfm_segment": Field(
        "score", "lookup", "s.rfm_segment_id", ("veloc_rfm_segment", "code")
    ),
    "cluster": Field("score", "ids", "s.cluster_id"),
}
FIELDS = {**PROFILE, **FIGURES, **SCORES}

# Measures whose pace of 30 days can be held against the 60 days before.
TRENDS = ("deposit_count", "trade_count", "volume_total", "login_count", "active_days")
# Events whose days are counted in the roll-up, and under which name.
DAY_COUNTERS = {
    "deposit_approved": "deposit_count",
    "withdrawal_paid": "withdrawal_count",
    "trade": "trade_count",
    "login": "login_count",
}
# So many that looking for the other types must not meet them.
FREQUENT = ("trade", "login")
EVENT_TYPES = frozenset(KNOWN_TYPES)
DEEDS = ("sent", "delivered", "opened", "clicked")
CONSENT_STATES = ("granted", "refused", "none")
CARE_KINDS = frozenset(
    {
        "self_exclusion",
        "cooling_off",
        "loss_limit",
        "minor",
        "complaint",
        "kyc_block",
        "deceased",
    }
)
SUPPRESSION_KINDS = CARE_KINDS | {"opt_out", "channel_blocked", "blocklist"}
CHANNELS = ("email", "sms", "whatsapp", "push", "call")
