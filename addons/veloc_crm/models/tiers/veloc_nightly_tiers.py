from odoo import api, models


class VelocNightly(models.AbstractModel):
    """The night's share of the ladders: warnings, falls, benefits."""

    _inherit = "veloc.nightly"

    @api.model
    def _steps(self):
        """Place everybody once the windows are counted and proved."""
        return [
            *super()._steps(),
            (30, "tiers", "veloc.ingest.tiers", "_nightly_tiers"),
        ]
