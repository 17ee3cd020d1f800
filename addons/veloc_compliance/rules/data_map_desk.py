"""What the encarregado's own desk stores about people: ledger, keys, consent desk."""

from __future__ import annotations

from .data_map import impersonal, source

_SEALED = (
    "Proof that cannot be rewritten: codes and numbers in clear, all else under the "
    "person's key, which erasure destroys."
)
_PROOF = "Evidence of a consent or of its notice; it names nobody by itself."
_DESK = "The desk's own work: keys, texts, balancings, seals. No row is about a person."

LEDGER = (
    source(
        "veloc.ledger.entry",
        "subject_id",
        "at kind user_id model res_id subject_id public position",
        "access_log",
        "keep",
        reason=_SEALED,
        shown=False,
    ),
    source(
        "veloc.subject.key",
        "partner_number",
        "partner_number merged_into reference sealed destroyed_at destroyed_reason "
        "destroyed_by_id",
        "access_log",
        "keep",
        reason="The row stays as the proof that the key itself was destroyed.",
        shown=False,
    ),
)

CONSENT_DESK = (
    source(
        "veloc.consent",
        "partner_id",
        "notice_hash receipt_ref",
        "consent",
        "keep",
        reason=_PROOF,
    ),
    source(
        "veloc.suppression",
        "partner_id",
        "origin_id",
        "consent",
        "keep",
        reason=_PROOF,
        shown=False,
    ),
    source(
        "veloc.notice.issued",
        "partner_id",
        "key code partner_id text_hash issued_at",
        "contact_log",
        "keep",
        reason=_PROOF,
    ),
    *(
        source(
            "veloc.consent.pending",
            subject,
            "email name partner_id state token_hash fingerprint source language ip "
            "user_agent evidence requested_at expires_at confirmed_at receipt_ref",
            "consent",
            "delete",
            by_value=by_value,
            shown=False,
        )
        for subject, by_value in (("partner_id", ""), ("", "email"))
    ),
    source(
        "veloc.consent.pending.line",
        "pending_id.partner_id",
        "pending_id version_id channel",
        "consent",
        "delete",
        shown=False,
    ),
    source(
        "veloc.reconsent.person",
        "partner_id",
        "round_id partner_id state asked_at",
        "consent",
        "keep",
        reason=_PROOF,
    ),
    source(
        "veloc.consent.import.row",
        "consent_id.partner_id",
        "import_id line outcome code field consent_id",
        "consent",
        "keep",
        reason=_PROOF,
        shown=False,
    ),
    *(
        source(
            "veloc.guardian.consent",
            subject,
            "partner_id guardian_id relation granted scope given_at verified_by "
            "evidence stored_at recorded_by",
            "consent",
            "keep",
            reason="Evidence of who answered for a minor (art. 14 § 1).",
        )
        for subject in ("partner_id", "guardian_id")
    ),
)

ODOO_MARKS = (
    source(
        "mail.notification",
        "res_partner_id",
        "failure_type",
        "contact_log",
        "delete",
        shown=False,
    ),
)

NOBODY = impersonal(
    _DESK,
    (
        "res.company",
        "res.groups",
        "mail.template",
        "veloc.data.key",
        "veloc.key.change",
        "veloc.ledger.head",
        "veloc.ledger.anchor",
        "veloc.ledger.check",
        "veloc.balancing",
        "veloc.shown.text",
        "veloc.receipt.key",
        "veloc.reconsent",
        "veloc.consent.import",
        "veloc.consent.import.column",
    ),
)
ALL = (*LEDGER, *CONSENT_DESK, *ODOO_MARKS, *NOBODY)
