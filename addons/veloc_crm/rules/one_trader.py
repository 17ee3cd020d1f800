"""What one trader's row says after it took over what another one did."""

from collections.abc import Mapping

SUMS = (
    "deposit_count",
    "deposit_total",
    "withdrawal_count",
    "withdrawal_total",
    "net_deposit",
    "trade_count",
    "volume_total",
    "result_total",
)
FIRSTS = ("lead_at", "signup_at", "kyc_approved_at", "first_deposit_at")
LASTS = ("last_deposit_at", "last_activity_at", "last_login_at", "last_event_at")
ORIGINS = ("zone", "campaign_id", "source_id", "medium_id")
STAGE = ("stage", "stage_since", "next_stage_at")
KYC = ("kyc_state", "kyc_at")
COLUMNS = (*SUMS, *FIRSTS, *LASTS, *ORIGINS, *STAGE, *KYC)

_FUNNEL = {"lead": 0, "signup": 1, "kyc": 2, "first_deposit": 3}
_KYC = {"none": 0, "rejected": 1, "submitted": 2, "approved": 3}


def join(kept: Mapping, gone: Mapping) -> dict:
    """Return the values of ``COLUMNS`` for the one who stays.

    Sums add up, the earlier first and the later last count, the identity check that
    went further holds, and so does the stage of the account that moved last.
    """
    values = {name: (kept[name] or 0) + (gone[name] or 0) for name in SUMS}
    values |= {name: _best(min, kept[name], gone[name]) for name in FIRSTS}
    values |= {name: _best(max, kept[name], gone[name]) for name in LASTS}
    values |= {name: kept[name] or gone[name] for name in ORIGINS}
    values |= _from(max(kept, gone, key=_standing), STAGE)
    return values | _from(max(kept, gone, key=lambda r: _KYC[r["kyc_state"]]), KYC)


def _best(choose, one, other):
    known = [value for value in (one, other) if value is not None]
    return choose(known) if known else None


def _from(row, names):
    return {name: row[name] for name in names}


def _standing(row):
    """Activity tells more than the funnel; without any, who came further."""
    active = row["last_activity_at"]
    seconds = active.timestamp() if active else 0
    return (seconds, _FUNNEL.get(row["stage"], len(_FUNNEL)))
