from odoo import api, models


class VelocNightly(models.AbstractModel):
    """RFM each night; then clusters and scores, which read it."""

    _inherit = "veloc.nightly"

    @api.model
    def _steps(self):
        return [
            *super()._steps(),
            (40, "rfm", "veloc.rfm.run", "_nightly"),
        ]
