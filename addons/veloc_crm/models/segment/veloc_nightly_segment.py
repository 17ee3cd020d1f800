"""Segments have their place in the night."""

from odoo import api, models


class VelocNightly(models.AbstractModel):
    """Windows, stages and scores have moved by now: nobody is missed."""

    _inherit = "veloc.nightly"

    @api.model
    def _steps(self):
        return [
            *super()._steps(),
            (70, "segments", "veloc.segment.engine", "_nightly"),
        ]
