"""What Odoo and this addon store about people, as the data map reads it."""

from __future__ import annotations

from .data_map import impersonal, source

_EVIDENCE = "Evidence of what was asked and allowed; without the person it is nobody's."
_SETTINGS = "Settings and catalogue: no row is about a person."

PARTNER = (
    source(
        "res.partner",
        "id",
        "name complete_name commercial_company_name company_name",
        "identity",
        "pseudonymise",
    ),
    source(
        "res.partner",
        "id",
        "ref vat company_registry function comment website barcode "
        "veloc_birth_date image_1920 image_1024 image_512 image_256 image_128 "
        "category_id industry_id parent_id",
        "identity",
        "blank",
    ),
    source(
        "res.partner",
        "id",
        "email email_normalized phone phone_sanitized street street2 zip city "
        "state_id partner_latitude partner_longitude",
        "contact",
        "blank",
    ),
    source(
        "res.partner",
        "id",
        "lang tz country_id active type is_company user_id",
        "contact",
        "keep",
        reason="Says nothing about anybody once name and addresses are gone.",
    ),
    source(
        "res.partner.bank",
        "partner_id",
        "acc_number acc_holder_name sanitized_acc_number",
        "bank",
        "delete",
    ),
)

_ON_PARTNER = (("model", "=", "res.partner"),)
_OF_PARTNER = (("res_model", "=", "res.partner"),)
_LOG = "contact_log"
ODOO = (
    source(
        "mail.message",
        "res_id",
        "subject body email_from record_name date",
        _LOG,
        "delete",
        condition=_ON_PARTNER,
    ),
    source(
        "mail.message",
        "author_id",
        "subject body email_from record_name date",
        _LOG,
        "blank",
    ),
    source(
        "mail.tracking.value",
        "mail_message_id.res_id",
        "old_value_char new_value_char old_value_text new_value_text",
        "identity",
        "delete",
        condition=(("mail_message_id.model", "=", "res.partner"),),
    ),
    source(
        "ir.attachment",
        "res_id",
        "name description index_content create_date",
        "kyc",
        "delete",
        condition=_OF_PARTNER,
    ),
    source(
        "mail.activity",
        "res_id",
        "summary note date_deadline",
        _LOG,
        "delete",
        condition=_OF_PARTNER,
    ),
    source(
        "mail.mail",
        "recipient_ids",
        "subject body_html email_to email_from date",
        _LOG,
        "delete",
    ),
    source(
        "mail.notification",
        "res_partner_id",
        "mail_email_address failure_reason",
        _LOG,
        "delete",
        shown=False,
    ),
    source("mail.followers", "partner_id", "res_model res_id", _LOG, "delete"),
    source("mail.blacklist", "", "email", "consent", "delete", by_value="email"),
    source("phone.blacklist", "", "number", "consent", "delete", by_value="number"),
    source(
        "res.users",
        "partner_id",
        "login signature",
        "access_log",
        "pseudonymise",
    ),
)

CONSENT = (
    source(
        "veloc.consent",
        "partner_id",
        "ip user_agent evidence",
        "consent",
        "blank",
    ),
    source(
        "veloc.consent",
        "partner_id",
        "partner_id purpose_id version_id channel granted recorded_at "
        "stored_at recorded_by source text_hash text_language",
        "consent",
        "keep",
        reason=_EVIDENCE,
    ),
    source(
        "veloc.consent.state",
        "partner_id",
        "partner_id purpose_id channel granted consent_id version_number recorded_at",
        "consent",
        "keep",
        reason=_EVIDENCE,
    ),
    source(
        "veloc.suppression",
        "partner_id",
        "note lift_note",
        "consent",
        "blank",
    ),
    source(
        "veloc.suppression",
        "partner_id",
        "partner_id kind channel from_at until_at source lifted_at lifted_by "
        "lift_source",
        "consent",
        "keep",
        reason="Whoever may not be reached stays out of reach.",
    ),
    source(
        "veloc.gate.verdict",
        "partner_id",
        "partner_id purpose_id purpose_version_id channel allowed reason basis "
        "consent_id decided_at",
        "contact_log",
        "keep",
        reason=_EVIDENCE,
    ),
)

NOBODY = impersonal(
    _SETTINGS, ("veloc.purpose", "veloc.purpose.version", "veloc.contact.hours")
)
ALL = (*PARTNER, *ODOO, *CONSENT, *NOBODY)
