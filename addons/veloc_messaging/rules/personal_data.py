"""What messaging stores about people: messages, answers, links, addresses.

Plain rows; the data map of the addon below makes its entries of them.
"""

from __future__ import annotations

_TRACE = "Codes and times of the delivery: they say nothing without the person."
_PROOF = "Evidence that the contact was allowed, and of what came of it."
SETTINGS = "Settings, texts and counts: no row is about a person."


def entry(*what, **more):
    """Return one row: arguments of ``veloc.personal.data._source``."""
    return what, more


_HELPERS = ("provider", "carrier")
MESSAGE = (
    entry(
        "veloc.message",
        "partner_id",
        "address subject body content_variables variables failure_detail",
        "contact_log",
        "blank",
        shared_with=_HELPERS,
    ),
    entry(
        "veloc.message",
        "partner_id",
        "partner_id channel purpose_id template_version_id template_name lang "
        "verdict_id state queued_at sending_at accepted_at sent_at "
        "delivered_at read_at failed_at settled_at complained_at source",
        "contact_log",
        "keep",
        reason=_PROOF,
    ),
    entry(
        "veloc.message",
        "partner_id",
        "verdict_allowed account_id content_sid segments lane priority key "
        "reference next_attempt_at useful_until lease_until owner attempts "
        "provider_ref failure_class failure_code has_conflict company_id "
        "lost_ref worth hold_reason fallback_of_id fallback_reason "
        "moved_from_id move_reason resends price_category is_billable "
        "polled_at",
        "contact_log",
        "keep",
        reason=_TRACE,
        shown=False,
    ),
    entry("veloc.call", "partner_id", "script", "contact_log", "blank"),
    # What colleagues wrote for each other: a person looks at it first.
    entry("veloc.call", "partner_id", "note", "contact_log", "blank", shown=False),
    entry(
        "veloc.call",
        "partner_id",
        "partner_id purpose_id reason user_id state call_at due_at attempts "
        "started_at outcome ended_at end_code",
        "contact_log",
        "keep",
        reason=_PROOF,
    ),
    entry(
        "veloc.call",
        "partner_id",
        "message_id reference priority worth company_id",
        "contact_log",
        "keep",
        reason=_TRACE,
        shown=False,
    ),
)

DELIVERY = (
    entry(
        "veloc.channel.hold",
        "partner_id",
        "partner_id channel until_at last_at count code",
        "contact_log",
        "delete",
    ),
    entry(
        "veloc.link",
        "partner_id",
        "code what target message_id partner_id template_version_id channel "
        "campaign company_id created_at",
        "behaviour",
        "delete",
        consented=True,
    ),
    entry(
        "veloc.link.click",
        "partner_id",
        "link_id at what kind reason agent visitor message_id partner_id "
        "template_version_id channel company_id",
        "behaviour",
        "delete",
        consented=True,
    ),
    entry(
        "veloc.delivery.objection",
        "partner_id",
        "kind partner_id channel account_id message_id company_id day at",
        "consent",
        "keep",
        reason="Counted in the channel's health; without the person a number.",
    ),
    *(
        entry(
            "veloc.provider.event",
            subject,
            "account_id provider kind event_key reference payload state "
            "received_at folded_at channel message_id partner_id status word "
            "error provider_ref error_code error_detail price_category "
            "is_billable occurred_at",
            "contact_log",
            "delete",
            shown=False,
        )
        for subject in ("partner_id", "message_id.partner_id")
    ),
)

_TALKS = ("veloc.conversation",)
CONVERSATION = (
    entry(
        "veloc.conversation",
        "partner_id",
        "candidate_ids identifier sender_name preview",
        "conversation",
        "blank",
    ),
    entry(
        "veloc.conversation",
        "partner_id",
        "partner_id user_id state channel last_message_at last_inbound_at "
        "last_outbound_at",
        "conversation",
        "keep",
        reason=_PROOF,
    ),
    entry(
        "veloc.conversation",
        "partner_id",
        "company_id desk_id tag_ids reply_channel account_id waiting_since "
        "step_in_at escalate_at stepped_in_at escalated_at window_until "
        "silent_until round_id first_response_minutes resolution_minutes "
        "reopened_count",
        "conversation",
        "keep",
        reason=_TRACE,
        shown=False,
    ),
    entry(
        "veloc.conversation.entry",
        "conversation_id.partner_id",
        "media",
        "conversation",
        "blank",
    ),
    entry(
        "veloc.conversation.entry",
        "conversation_id.partner_id",
        "conversation_id mail_message_id voice channel account_id "
        "provider_ref message_id at",
        "conversation",
        "keep",
        reason=_TRACE,
        shown=False,
    ),
    entry(
        "veloc.conversation.round",
        "partner_id",
        "conversation_id company_id partner_id desk_id user_id channel "
        "opened_at first_response_at first_response_minutes closed_at "
        "resolution_minutes reopened stepped_in escalated answers",
        "conversation",
        "keep",
        reason=_TRACE,
        shown=False,
    ),
    entry(
        "mail.message",
        "res_id",
        "subject body email_from record_name date",
        "conversation",
        "delete",
        condition=(("model", "in", _TALKS),),
        via="veloc.conversation",
    ),
    entry(
        "ir.attachment",
        "res_id",
        "name description index_content create_date",
        "conversation",
        "delete",
        condition=(("res_model", "in", _TALKS),),
        via="veloc.conversation",
    ),
)

ADDRESS = (
    entry(
        "veloc.channel.identity",
        "partner_id",
        "channel identifier partner_id source",
        "contact",
        "delete",
    ),
    entry(
        "veloc.push.subscription",
        "partner_id",
        "endpoint p256dh auth",
        "contact",
        "delete",
        consented=True,
        shown=False,
    ),
    entry(
        "veloc.push.subscription",
        "partner_id",
        "partner_id account_id service device state subscribed_at "
        "last_success_at ended_at",
        "contact",
        "delete",
        consented=True,
    ),
    entry(
        "veloc.blocked.address",
        "",
        "channel address blocked_at evidence",
        "contact",
        "delete",
        by_value="address",
    ),
    entry(
        "veloc.reach.use",
        "",
        "portfolio_id address used_at",
        "contact_log",
        "delete",
        by_value="address",
        shown=False,
    ),
)

"""Odoo's own outgoing texts, which pass our gate."""
STOCK = (
    entry(
        "sms.sms",
        "partner_id",
        "number body veloc_service",
        "contact_log",
        "delete",
    ),
    entry(
        "sms.sms",
        "",
        "number body",
        "contact_log",
        "delete",
        by_value="number",
    ),
    entry(
        "mail.mail",
        "recipient_ids",
        "veloc_service",
        "contact_log",
        "delete",
        shown=False,
    ),
)

ALL = (*MESSAGE, *DELIVERY, *CONVERSATION, *ADDRESS, *STOCK)
NOBODY = (
    "sms.template",
    "veloc.account.secret",
    "veloc.account",
    "veloc.channel.price",
    "veloc.conversation.tag",
    "veloc.delivery.delta",
    "veloc.delivery.limit",
    "veloc.delivery.stat",
    "veloc.desk",
    "veloc.link.domain",
    "veloc.messaging.alert",
    "veloc.pace",
    "veloc.reach.portfolio",
    "veloc.style.notice",
    "veloc.style.product",
    "veloc.style.rule",
    "veloc.style.word",
    "veloc.template",
    "veloc.template.body",
    "veloc.template.review",
    "veloc.template.version",
    "veloc.webhook.refusal",
)
