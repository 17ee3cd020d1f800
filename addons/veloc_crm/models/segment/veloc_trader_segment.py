"""The segments a trader is in, on the trader's own page."""

from odoo import fields, models


class VelocTrader(models.Model):
    """Read where staff look at a person."""

    _inherit = "veloc.trader"

    segment_member_ids = fields.One2many(
        "veloc.segment.member", "trader_id", string="Segments", readonly=True
    )
    segment_event_ids = fields.One2many(
        "veloc.segment.event", "trader_id", string="Moves", readonly=True
    )
