from odoo import api, models


class VelocNightly(models.AbstractModel):
    """RFM each night, clusters once a week, then the scores."""

    _inherit = "veloc.nightly"

    @api.model
    def _steps(self):
        return [
            *super()._steps(),
            (40, "rfm", "veloc.rfm.run", "_nightly"),
            (50, "clusters", "veloc.cluster.run", "_nightly"),
            (60, "scores", "veloc.score.run", "_nightly"),
        ]
