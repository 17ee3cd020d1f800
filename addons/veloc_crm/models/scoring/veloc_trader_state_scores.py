from odoo import fields, models


class VelocTraderState(models.Model):
    """Where the night's sums of everybody put a trader: segment, cluster, scores."""

    _inherit = "veloc.trader.state"

    rfm_segment_id = fields.Many2one(
        "veloc.rfm.segment", "RFM Segment", readonly=True, ondelete="set null"
    )
    previous_rfm_segment_id = fields.Many2one(
        "veloc.rfm.segment",
        "RFM Segment a Month Ago",
        readonly=True,
        ondelete="set null",
        help="Where this trader was when the month began.",
    )
    cluster_id = fields.Many2one("veloc.cluster", readonly=True, ondelete="set null")
    score_withheld = fields.Boolean(
        "Scores Withheld",
        readonly=True,
        help="A person's review took the scores of this trader back: there are none.",
    )
