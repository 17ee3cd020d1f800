from odoo import fields, models


class VelocTrader(models.Model):
    """Segment and scores, to be searched and grouped by in lists."""

    _inherit = "veloc.trader"

    rfm_segment_id = fields.Many2one(related="figures_id.rfm_segment_id")
    previous_rfm_segment_id = fields.Many2one(
        related="figures_id.previous_rfm_segment_id"
    )
    cluster_id = fields.Many2one(related="figures_id.cluster_id")
    scores = fields.Json(related="figures_id.scores")
