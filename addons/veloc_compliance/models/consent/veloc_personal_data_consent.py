from odoo import api, models

_EVIDENCE = "Evidence of what was asked and allowed; without the person it is nobody's."
_WORDS = "Words, tests and keys of the house: no row is about a person."


class VelocPersonalData(models.AbstractModel):
    """The consent desk's part of the map of personal data."""

    _inherit = "veloc.personal.data"

    @api.model
    def _data_map(self):
        return [
            *super()._data_map(),
            *self._data_map_of_consent_desk(),
            *self._data_map_of_guardians(),
            *self._data_map_of_pending(),
            *self._impersonal(
                _WORDS,
                "veloc.balancing",
                "veloc.shown.text",
                "veloc.receipt.key",
                "veloc.reconsent",
                "veloc.consent.import",
                "veloc.consent.import.column",
                "veloc.consent.import.row",
            ),
        ]

    def _data_map_of_consent_desk(self):
        return [
            self._source(
                "veloc.consent",
                "partner_id",
                "notice_hash receipt_ref",
                "consent",
                "keep",
                reason=_EVIDENCE,
            ),
            self._source(
                "veloc.notice.issued",
                "partner_id",
                "partner_id code key text_hash issued_at",
                "contact_log",
                "keep",
                reason=_EVIDENCE,
            ),
            self._source(
                "veloc.reconsent.person",
                "partner_id",
                "partner_id round_id state asked_at",
                "contact_log",
                "delete",
            ),
        ]

    def _data_map_of_guardians(self):
        return [
            self._source(
                "veloc.guardian.consent",
                "partner_id",
                "scope evidence",
                "consent",
                "blank",
            ),
            self._source(
                "veloc.guardian.consent",
                "partner_id",
                "partner_id guardian_id relation granted given_at verified_by "
                "stored_at recorded_by",
                "consent",
                "keep",
                reason=_EVIDENCE,
            ),
        ]

    def _data_map_of_pending(self):
        own = "email name source language ip user_agent evidence receipt_ref"
        return [
            self._source(
                "veloc.consent.pending",
                "partner_id",
                f"{own} partner_id requested_at expires_at confirmed_at state "
                "token_hash fingerprint",
                "consent",
                "delete",
            ),
            self._source(
                "veloc.consent.pending",
                "",
                own,
                "consent",
                "delete",
                by_value="email",
            ),
            self._source(
                "veloc.consent.pending.line",
                "pending_id.partner_id",
                "pending_id version_id channel",
                "consent",
                "delete",
            ),
        ]
