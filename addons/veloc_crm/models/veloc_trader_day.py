"""What each trader did on each day: the roll-up that reports and windows read."""

from odoo import fields, models


class VelocTraderDay(models.Model):
    """Sums per trader and day (the broker's day), added to by every batch."""

    _name = "veloc.trader.day"
    _description = "Trader Day"
    _order = "day desc, id desc"
    _log_access = False

    trader_id = fields.Many2one(
        "veloc.trader", required=True, readonly=True, ondelete="cascade"
    )
    day = fields.Date(required=True, readonly=True, index=True)
    company_id = fields.Many2one(related="trader_id.company_id")
    currency_id = fields.Many2one(related="trader_id.currency_id")
    event_count = fields.Integer(string="Events", readonly=True)
    deposit_count = fields.Integer(string="Deposits", readonly=True)
    deposit_total = fields.Monetary(string="Deposited", readonly=True)
    withdrawal_count = fields.Integer(string="Withdrawals", readonly=True)
    withdrawal_total = fields.Monetary(string="Withdrawn", readonly=True)
    trade_count = fields.Integer(string="Trades", readonly=True)
    volume_total = fields.Monetary(string="Volume Traded", readonly=True)
    result_total = fields.Monetary(string="Trading Result", readonly=True)
    login_count = fields.Integer(string="Logins", readonly=True)

    _trader_day_unique = models.UniqueIndex(
        "(trader_id, day)", "One row per trader and day."
    )
