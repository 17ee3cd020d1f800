"""What Odoo and this addon store about people, as the data map reads it."""

from __future__ import annotations

from . import data_map_desk
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
        "ref vat company_registry function website barcode "
        "veloc_birth_date image_1920 image_1024 image_512 image_256 image_128 "
        "category_id industry_id parent_id",
        "identity",
        "blank",
    ),
    source("res.partner", "id", "comment", "identity", "blank", shown=False),
    source(
        "res.partner",
        "id",
        "veloc_cpf veloc_cnpj veloc_identity_number veloc_identity_kind "
        "veloc_mother_name",
        "identity",
        "blank",
    ),
    source(
        "res.partner",
        "id",
        "veloc_cpf_sealed veloc_cpf_blind veloc_cnpj_sealed veloc_cnpj_blind "
        "veloc_identity_number_sealed "
        "veloc_identity_number_blind veloc_mother_name_sealed",
        "identity",
        "blank",
        shown=False,
    ),
    source(
        "veloc.bank.account",
        "partner_id",
        "partner_id bank_code bank_name kind branch account pix_key active",
        "bank",
        "delete",
    ),
    source(
        "veloc.bank.account",
        "partner_id",
        "sequence branch_sealed account_sealed account_blind pix_key_sealed "
        "pix_key_blind",
        "bank",
        "delete",
        shown=False,
    ),
    source(
        "veloc.identity.proof",
        "partner_id",
        "partner_id kind received_at mimetype size file_name",
        "kyc",
        "delete",
    ),
    source(
        "veloc.identity.proof",
        "partner_id",
        "file_name_sealed sealed_content",
        "kyc",
        "delete",
        shown=False,
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
        condition=(*_ON_PARTNER, ("is_internal", "=", False)),
    ),
    source(
        "mail.message",
        "res_id",
        "subject body email_from record_name date",
        _LOG,
        "delete",
        condition=(*_ON_PARTNER, ("is_internal", "=", True)),
        shown=False,
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
        shown=False,
    ),
    source(
        "ir.attachment",
        "res_id",
        "name description index_content create_date",
        "kyc",
        "delete",
        condition=_OF_PARTNER,
        shown=False,
    ),
    source(
        "mail.activity",
        "res_id",
        "summary note date_deadline",
        _LOG,
        "delete",
        condition=_OF_PARTNER,
        shown=False,
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
        shown=False,
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

_TRACK = "The history of a right that was asked for: codes and times, no names."
RIGHTS = (
    source(
        "veloc.privacy.request",
        "partner_id",
        "told_sealed answer_subject answer_text deny_reason extension_note",
        "request",
        "blank",
        shown=False,
    ),
    source(
        "veloc.privacy.request",
        "partner_id",
        "number kind state origin lang received_at first_due_at due_at "
        "extension_reason verified_at verified_how closed_at measure deny_ground",
        "request",
        "keep",
        reason=_TRACK,
    ),
    source(
        "veloc.privacy.request",
        "partner_id",
        "company_id user_id partner_id is_representative needs_desk verified_by_id "
        "duplicate_of_id answered_by_id code_hash code_until code_attempts codes_sent "
        "access_hash access_until letter_hash has_job job_failed_at",
        "request",
        "keep",
        reason=_TRACK,
        shown=False,
    ),
    source(
        "veloc.privacy.candidate",
        "partner_id",
        "request_id partner_id by_cpf by_email by_phone is_person",
        "request",
        "keep",
        reason=_TRACK,
        shown=False,
    ),
    source(
        "veloc.privacy.correction",
        "request_id.partner_id",
        "proposed refusal",
        "request",
        "blank",
    ),
    source(
        "veloc.privacy.correction",
        "request_id.partner_id",
        "request_id field decision applied_at decided_by_id",
        "request",
        "keep",
        reason=_TRACK,
    ),
    source(
        "veloc.privacy.review",
        "request_id.partner_id",
        "reason features",
        "request",
        "blank",
    ),
    source(
        "veloc.privacy.review",
        "request_id.partner_id",
        "request_id subject decision version criteria decided_at outcome reviewed_at "
        "reviewer_id",
        "request",
        "keep",
        reason=_TRACK,
    ),
    source(
        "veloc.privacy.propagation",
        "request_id.partner_id",
        "sealed",
        "request",
        "blank",
        shown=False,
    ),
    source(
        "veloc.privacy.propagation",
        "request_id.partner_id",
        "request_id recipient_id order state sent_at due_at closed_at reference "
        "company_id",
        "request",
        "keep",
        reason=_TRACK,
    ),
    *(
        source(
            model,
            "request_id.partner_id",
            names,
            "request",
            fate,
            reason=_TRACK,
            shown=False,
        )
        for model, names, fate in (
            ("veloc.privacy.event", "request_id at user_id what detail", "keep"),
            (
                "veloc.privacy.step",
                "request_id sequence code done_at done_by_id",
                "keep",
            ),
            (
                "veloc.privacy.package",
                "request_id kind made_at released_at expires_at file size sha256 "
                "downloads is_gone",
                "delete",
            ),
            (
                "veloc.privacy.proof",
                "request_id kind mimetype received_at file size",
                "delete",
            ),
        )
    ),
)

NOBODY = impersonal(
    _SETTINGS,
    (
        "veloc.purpose",
        "veloc.purpose.version",
        "veloc.contact.hours",
        "veloc.data.class",
        "veloc.privacy.letter",
        "veloc.privacy.recipient",
    ),
)
ALL = (*PARTNER, *ODOO, *CONSENT, *RIGHTS, *data_map_desk.ALL, *NOBODY)
