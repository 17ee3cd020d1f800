"""A version can be tried before it is published."""

from odoo import models


class VelocCadenceVersion(models.Model):
    """Any version can be tried, those of old days too."""

    _inherit = "veloc.cadence.version"

    def action_simulate(self):
        """Open the screen that tries this version."""
        self.ensure_one()
        return self.env["veloc.cadence.trial"]._open(self)
