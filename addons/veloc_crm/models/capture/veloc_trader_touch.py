from odoo import fields, models


class VelocTrader(models.Model):
    """Where the trader came from."""

    _inherit = "veloc.trader"

    touchpoint_ids = fields.One2many(
        "veloc.touchpoint", "trader_id", string="Visits", readonly=True
    )
