"""One cell of the matrix: so many would go from here to there."""

from odoo import fields, models


class VelocLadderTryMove(models.TransientModel):
    """Counted, never written to a trader."""

    _name = "veloc.ladder.try.move"
    _description = "Move to Be Expected"
    _order = "direction desc, trader_count desc, id"

    try_id = fields.Many2one("veloc.ladder.try", required=True, ondelete="cascade")
    from_name = fields.Char(string="From", readonly=True)
    to_name = fields.Char(string="To", readonly=True)
    direction = fields.Selection(
        [("up", "Rise at once"), ("down", "Warned, then fall")],
        string="How",
        readonly=True,
    )
    trader_count = fields.Integer(string="Traders", readonly=True)
    volume_share = fields.Char(
        string="Share of Volume",
        readonly=True,
        help="Of the volume of all traders in the last 90 days.",
    )
    sample = fields.Char(string="Among Them", readonly=True)
