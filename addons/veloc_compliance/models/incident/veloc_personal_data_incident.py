from odoo import api, models

_REGISTER = "The register of incidents is kept five years (Res. CD/ANPD 15/2024)."


class VelocPersonalData(models.AbstractModel):
    """Where incidents keep something about people."""

    _inherit = "veloc.personal.data"

    @api.model
    def _data_map(self):
        """Add the lists of affected people."""
        return [
            *super()._data_map(),
            self._source(
                "veloc.incident.person",
                "partner_id",
                "partner_id incident_id round age financial authentication sensitive "
                "secrecy letter_state letter_reason letter_at attempts",
                "incident",
                "keep",
                reason=_REGISTER,
            ),
            self._source(
                "veloc.incident.person",
                "",
                "address",
                "incident",
                "blank",
                by_value="address",
            ),
            *self._impersonal(
                "About events and the work on them; people stand on the list.",
                "veloc.incident",
                "veloc.incident.entry",
                "veloc.incident.task",
                "veloc.incident.step",
                "veloc.incident.query",
                "veloc.incident.template",
                "veloc.incident.letter",
            ),
        ]
