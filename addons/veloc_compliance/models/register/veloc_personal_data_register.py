from odoo import api, models


class VelocPersonalData(models.AbstractModel):
    """The registers describe processing; they hold nobody's data."""

    _inherit = "veloc.personal.data"

    @api.model
    def _data_map(self):
        """Add the models of the registers."""
        return super()._data_map() + self._impersonal(
            "describes how data are processed, and by which companies",
            "veloc.vendor",
            "veloc.vendor.certification",
            "veloc.vendor.check",
            "veloc.processing.activity",
            "veloc.processing.version",
            "veloc.impact.report",
            "veloc.impact.risk",
            "veloc.compliance.report",
        )
