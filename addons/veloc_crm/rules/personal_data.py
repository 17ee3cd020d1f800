"""What the CRM stores about people: trading, stages, decisions, leads.

Plain rows; the data map of veloc_compliance makes its entries of them.
"""

from __future__ import annotations

from . import (
    personal_data_audience,
    personal_data_capture,
    personal_data_person,
    personal_data_spool,
)

_TRADING = (
    "Records of operations are kept by law (Law 9,613/98 art. 10, BCB Circular "
    "3,978 art. 67); they name nobody once the person is pseudonymised."
)
_REASONS = "Why the system acted: numbers and codes that name nobody."
SETTINGS = "Settings: no row is about a person."


def entry(*what, **more):
    """Return one row: arguments of ``veloc.personal.data._source``."""
    return what, more


TRADER = (
    entry(
        "veloc.trader",
        "partner_id",
        "external_ref",
        "identity",
        "pseudonymise",
    ),
    entry(
        "veloc.trader",
        "partner_id",
        "partner_id zone stage stage_since tier_id tier_since vip_level_id "
        "vip_since account_manager_id kyc_state kyc_at lead_at "
        "signup_at kyc_approved_at first_deposit_at last_deposit_at "
        "last_activity_at last_login_at deposit_count deposit_total "
        "withdrawal_count withdrawal_total net_deposit trade_count "
        "volume_total result_total campaign_id source_id "
        "medium_id company_id currency_id",
        "trading",
        "keep",
        reason=_TRADING,
    ),
    entry(
        "veloc.trader",
        "partner_id",
        "next_stage_at tier_review_on vip_review_on last_event_at figures_id",
        "trading",
        "keep",
        reason=_REASONS,
        shown=False,
    ),
    entry(
        "veloc.trader.day",
        "trader_id.partner_id",
        "trader_id day event_count deposit_count deposit_total "
        "withdrawal_count withdrawal_total trade_count volume_total "
        "result_total login_count",
        "trading",
        "keep",
        reason=_TRADING,
    ),
    entry(
        "veloc.trader.state",
        "trader_id.partner_id",
        "trader_id company_id as_of deposit_count_7 deposit_total_7 "
        "withdrawal_count_7 withdrawal_total_7 trade_count_7 "
        "volume_total_7 result_total_7 login_count_7 active_days_7 "
        "deposit_count_30 deposit_total_30 withdrawal_count_30 "
        "withdrawal_total_30 trade_count_30 volume_total_30 "
        "result_total_30 login_count_30 active_days_30 deposit_count_90 "
        "deposit_total_90 withdrawal_count_90 withdrawal_total_90 "
        "trade_count_90 volume_total_90 result_total_90 login_count_90 "
        "active_days_90 active_days deposit_days event_count "
        "login_count deposit_max first_event_at last_event_at "
        "first_deposit_day last_deposit_day first_active_day "
        "last_active_day first_trade_at last_trade_at "
        "last_withdrawal_at streak_days streak_best",
        "trading",
        "keep",
        reason=_TRADING,
    ),
    entry(
        "veloc.trader.state",
        "trader_id.partner_id",
        "rfm_r rfm_f rfm_m rfm_segment_id previous_rfm_segment_id "
        "cluster_id score_withheld "
        "p_alive overdue_ratio churn_risk "
        "p_first_deposit p_next_deposit ltv ltv_simple scored_at "
        "quality_issue_count",
        "behaviour",
        "keep",
        reason=_REASONS,
    ),
    entry(
        "veloc.trader.state",
        "trader_id.partner_id",
        "dirty",
        "trading",
        "keep",
        reason=_REASONS,
        shown=False,
    ),
)

REPAIRS = (
    entry(
        "veloc.state.repair",
        "trader_id.partner_id",
        "at trader_id company_id place day name was is_now",
        "behaviour",
        "keep",
        reason="Which sum was corrected, and when: numbers that name nobody.",
    ),
)

EVENTS = (
    entry(
        "veloc.trader.event",
        "trader_id.partner_id",
        "data external_id",
        "trading",
        "blank",
    ),
    entry(
        "veloc.trader.event",
        "trader_id.partner_id",
        "at trader_id company_id type kind is_known source amount currency "
        "amount_company received_at amended",
        "trading",
        "keep",
        reason=_TRADING,
    ),
    entry(
        "veloc.lifecycle.event",
        "trader_id.partner_id",
        "trader_id stage from_stage at reason company_id",
        "behaviour",
        "keep",
        reason=_REASONS,
    ),
    entry(
        "veloc.tier.event",
        "trader_id.partner_id",
        "trader_id ladder from_tier_id to_tier_id from_level_id to_level_id "
        "direction at reason seen company_id",
        "behaviour",
        "keep",
        reason=_REASONS,
    ),
    entry(
        "veloc.vip.grant",
        "trader_id.partner_id",
        "trader_id benefit_id company_id since until",
        "behaviour",
        "keep",
        reason=_REASONS,
    ),
    entry(
        "veloc.timeline",
        "trader_id.partner_id",
        "at trader_id company_id kind code reason channel cadence_id step_id "
        "message_id amount",
        "behaviour",
        "keep",
        reason="A view over the other tables: what goes there goes here.",
        shown=False,
    ),
    entry(
        "veloc.api.request",
        "",
        "user_id key body_hash answer",
        "access_log",
        "keep",
        reason="Answers to programs: row numbers, their ids and error codes.",
    ),
)

DECISIONS = (
    entry(
        "veloc.privacy.review",
        "request_id.partner_id",
        "score_code",
        "request",
        "keep",
        reason=_REASONS,
        shown=False,
    ),
    entry(
        "veloc.decision",
        "partner_id",
        "at trader_id partner_id company_id cadence_id version_id step_id "
        "enrolment_id message_id channel verdict reason basis rule saw until",
        "behaviour",
        "keep",
        reason=_REASONS,
    ),
    entry(
        "veloc.enrolment",
        "partner_id",
        "context",
        "behaviour",
        "blank",
        consented=True,
    ),
    entry(
        "veloc.enrolment",
        "partner_id",
        "cadence_id version_id trader_id partner_id company_id occurrence "
        "step_id next_due held_until previous_at state exit_reason "
        "is_converted entered_at ended_at is_solo is_urgent",
        "behaviour",
        "keep",
        reason=_REASONS,
    ),
)

SEGMENTS = (
    entry(
        "veloc.segment.member",
        "trader_id.partner_id",
        "segment_id trader_id since reason",
        "behaviour",
        "delete",
    ),
    entry(
        "veloc.segment.event",
        "trader_id.partner_id",
        "segment_id trader_id kind at reason",
        "behaviour",
        "delete",
    ),
)

LEADS = (
    entry(
        "crm.lead",
        "partner_id",
        "name contact_name partner_name email_from email_normalized phone "
        "phone_sanitized street street2 zip city website function "
        "description email_cc",
        "contact",
        "blank",
    ),
    entry(
        "crm.lead",
        "partner_id",
        "partner_id stage_id user_id team_id expected_revenue create_date date_closed",
        "behaviour",
        "keep",
        reason="The pipeline's numbers: they name nobody without the person.",
    ),
    *(
        entry(
            model,
            "res_id",
            names,
            "contact_log",
            "delete",
            condition=((field, "=", "crm.lead"),),
            via="crm.lead",
        )
        for model, field, names in (
            ("mail.message", "model", "subject body email_from record_name"),
            ("ir.attachment", "res_model", "name description index_content"),
            ("mail.activity", "res_model", "summary note date_deadline"),
        )
    ),
    entry(
        "calendar.event",
        "partner_ids",
        "name description location videocall_location start stop",
        "contact_log",
        "blank",
    ),
)

ALL = (*TRADER, *REPAIRS, *EVENTS, *DECISIONS, *SEGMENTS, *LEADS)
ALL += personal_data_person.ALL
ALL += personal_data_spool.ALL
ALL += personal_data_capture.ALL
ALL += personal_data_audience.ALL
NOBODY = (
    "veloc.nightly.run",
    "veloc.cluster",
    "veloc.cluster.run",
    "veloc.rfm.run",
    "veloc.rfm.segment",
    "veloc.score.check",
    "veloc.score.model",
    "veloc.score.run",
    "veloc.tier",
    "veloc.vip.level",
    "veloc.stage.board",
    "veloc.vip.benefit",
    *personal_data_person.NOBODY,
    *personal_data_spool.NOBODY,
    *personal_data_capture.NOBODY,
    *personal_data_audience.NOBODY,
    "veloc.cadence",
    "veloc.cadence.version",
    "veloc.cadence.step",
    "veloc.cadence.exit",
    "veloc.segment",
    "veloc.segment.size",
)
