from odoo import api, models

_STAYS = "Protects the person; without the contact it is nobody's."
_HASHES = "Keyed hashes: they recognise whoever returns and name nobody."


class VelocPersonalData(models.AbstractModel):
    """Where care keeps something about people."""

    _inherit = "veloc.personal.data"

    @api.model
    def _data_map(self):
        """Add limits, loosenings and the hashes of lists."""
        return [
            *super()._data_map(),
            self._source(
                "veloc.suppression.loosening",
                "partner_id",
                "reason outcome",
                "consent",
                "blank",
            ),
            self._source(
                "veloc.suppression.loosening",
                "partner_id",
                "partner_id suppression_id state requested_by requested_at "
                "approved_by approved_at effective_at ended_at ended_by",
                "consent",
                "keep",
                reason=_STAYS,
            ),
            self._source(
                "veloc.care.limit",
                "partner_id",
                "partner_id kind period amount currency_id minutes is_removal state "
                "source asked_at effective_at ended_at",
                "behaviour",
                "keep",
                reason=_STAYS,
            ),
            *self._impersonal(
                _HASHES,
                "veloc.care.identity",
                "veloc.blocklist",
                "veloc.blocklist.entry",
                "veloc.blocklist.import",
            ),
        ]
