"""Accounts that share a home, a device or a bank account: for checks of abuse."""

from odoo import fields, models

KINDS = [
    ("household", "Same household"),
    ("device", "Same device"),
    ("bank", "Same bank account or PIX key"),
    ("phone", "Same phone"),
    ("declared", "Linked by staff"),
]


class VelocTraderLink(models.Model):
    """One trader's place in a cluster; clusters have two members or more.

    What links them stands here as a kind and a keyed hash, never as a value.
    """

    _name = "veloc.trader.link"
    _description = "Linked Account"
    _order = "size desc, cluster, id"
    _rec_name = "trader_id"
    _log_access = False

    trader_id = fields.Many2one(
        "veloc.trader", required=True, readonly=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(KINDS, required=True, readonly=True)
    cluster = fields.Char(required=True, readonly=True)
    size = fields.Integer("Accounts", required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="restrict"
    )
    since = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)

    _member_unique = models.Constraint(
        "UNIQUE (kind, cluster, trader_id)", "This account is in the cluster already."
    )
