from odoo import api, models

_WHY = (
    "Evidence that cannot be edited: names nobody in clear, and the values are sealed "
    "with the person's key, which the erasure destroys."
)


class VelocPersonalData(models.AbstractModel):
    """Where the ledger speaks of persons: by number, and sealed."""

    _inherit = "veloc.personal.data"

    @api.model
    def _data_map(self):
        return [
            *super()._data_map(),
            self._source(
                "veloc.ledger.entry",
                "subject_id",
                "at kind user_id model res_id subject_id public position",
                "access_log",
                "keep",
                reason=_WHY,
            ),
            *self._impersonal(
                "Seals and examinations of the ledger: hashes, counts and places.",
                "veloc.ledger.head",
                "veloc.ledger.anchor",
                "veloc.ledger.check",
            ),
        ]
