"""What each trader did on each day: the roll-up that reports and windows read."""

from odoo import fields, models

RAW_TABLE = """
CREATE TABLE IF NOT EXISTS veloc_trader_day_raw (
    day date NOT NULL,
    trader_id int4 NOT NULL,
    event_count int4 NOT NULL DEFAULT 0,
    deposit_count int4 NOT NULL DEFAULT 0,
    deposit_total numeric NOT NULL DEFAULT 0,
    withdrawal_count int4 NOT NULL DEFAULT 0,
    withdrawal_total numeric NOT NULL DEFAULT 0,
    trade_count int4 NOT NULL DEFAULT 0,
    volume_total numeric NOT NULL DEFAULT 0,
    result_total numeric NOT NULL DEFAULT 0,
    login_count int4 NOT NULL DEFAULT 0,
    PRIMARY KEY (day, trader_id)
) PARTITION BY RANGE (day);
CREATE INDEX IF NOT EXISTS veloc_trader_day_raw_trader
    ON veloc_trader_day_raw (trader_id, day);
"""
# Unique and stable: 100,000 days are 273 years, and the number stays below 2^53.
VIEW = """
CREATE OR REPLACE VIEW veloc_trader_day AS
SELECT trader_id::bigint * 100000 + (day - date '2000-01-01') AS id,
       trader_id, day, event_count, deposit_count, deposit_total, withdrawal_count,
       withdrawal_total, trade_count, volume_total, result_total, login_count
FROM veloc_trader_day_raw
"""


class VelocTraderDay(models.Model):
    """Sums per trader and day (the broker's day), added to by every batch.

    The rows stand in monthly partitions; this is their face, for reading.
    """

    _name = "veloc.trader.day"
    _description = "Trader Day"
    _auto = False
    _order = "day desc, id desc"
    _log_access = False

    trader_id = fields.Many2one("veloc.trader", readonly=True)
    day = fields.Date(readonly=True)
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

    def init(self):
        """Make the table once, and the view anew."""
        self.env.cr.execute(RAW_TABLE)
        self.env["veloc.partition"]._set_up(
            "veloc_trader_day_raw", "day", append_only=False
        )
        self.env.cr.execute(VIEW)
