"""The numbers that merged traders had: what left the database before still bears them.

Not the references, which are personal: those stand in ``veloc.trader.alias`` and go
with the person, while an erasure needs these to find what archived months hold.
"""

from odoo import fields, models


class VelocTraderFormer(models.Model):
    """The number of a trader who became part of another one."""

    _name = "veloc.trader.former"
    _description = "Former Number of a Trader"
    _log_access = False
    _rec_name = "number"

    number = fields.Integer(required=True, readonly=True)
    trader_id = fields.Many2one(
        "veloc.trader", required=True, readonly=True, index=True, ondelete="cascade"
    )
    merge_id = fields.Many2one(
        "veloc.merge", required=True, readonly=True, index=True, ondelete="cascade"
    )

    _number_unique = models.UniqueIndex("(number)", "A number was one trader's.")
