"""The references a merged person also goes by at the broker."""

from odoo import fields, models


class VelocTraderAlias(models.Model):
    """A second reference of one trader: events under it are theirs."""

    _name = "veloc.trader.alias"
    _description = "Further Reference of a Trader"
    _order = "id desc"
    _rec_name = "external_ref"
    _log_access = False

    external_ref = fields.Char(
        string="Broker's Reference", required=True, readonly=True
    )
    trader_id = fields.Many2one(
        "veloc.trader", required=True, readonly=True, index=True, ondelete="cascade"
    )
    merge_id = fields.Many2one(
        "veloc.merge", readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="restrict"
    )

    _external_ref_unique = models.Constraint(
        "UNIQUE (external_ref)", "The broker's reference belongs to one trader."
    )
