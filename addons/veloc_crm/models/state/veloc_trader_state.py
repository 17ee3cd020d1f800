"""A trader's figures: one row each, folded with every batch, proved every night."""

from odoo import api, fields, models
from odoo.tools import SQL

COUNTS = (
    "deposit_count",
    "withdrawal_count",
    "trade_count",
    "login_count",
    "active_days",
)
TOTALS = ("deposit_total", "withdrawal_total", "volume_total", "result_total")
WINDOWS = (7, 30, 90)
ZEROS = (
    *(f"{name}_{days}" for days in WINDOWS for name in (*COUNTS, *TOTALS)),
    "active_days",
    "deposit_days",
    "event_count",
    "login_count",
    "deposit_max",
    "streak_days",
    "streak_best",
    "quality_issue_count",
)
# The row is there before anybody can see the trader, whoever inserts it. The name
# begins with an A: PostgreSQL fires triggers by name, and the check of the foreign
# key (RI_...) must find the row.
TRIGGERS = """
CREATE OR REPLACE FUNCTION veloc_trader_figures() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_WHEN = 'BEFORE' THEN
        NEW.figures_id := NEW.id;
        RETURN NEW;
    END IF;
    INSERT INTO veloc_trader_state (id, trader_id, company_id)
    VALUES (NEW.id, NEW.id, NEW.company_id)
    ON CONFLICT (id) DO UPDATE SET company_id = excluded.company_id;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER "A_veloc_figures_id" BEFORE INSERT
    ON veloc_trader FOR EACH ROW EXECUTE FUNCTION veloc_trader_figures();
CREATE OR REPLACE TRIGGER "A_veloc_figures_row" AFTER INSERT OR UPDATE OF company_id
    ON veloc_trader FOR EACH ROW EXECUTE FUNCTION veloc_trader_figures();
"""
# The nightly proof looks for what came since the last one.
RECEIVED = """
CREATE INDEX IF NOT EXISTS veloc_trader_event_raw_received
    ON veloc_trader_event_raw USING brin (received_at)
"""
# For traders that were here before their figures were.
ADD_ROWS = """
INSERT INTO veloc_trader_state (id, trader_id, company_id, dirty)
SELECT id, id, company_id, true FROM veloc_trader t
WHERE NOT EXISTS (SELECT FROM veloc_trader_state s WHERE s.id = t.id)
ON CONFLICT DO NOTHING;
UPDATE veloc_trader SET figures_id = id WHERE figures_id IS NULL;
"""


class VelocTraderState(models.Model):
    """Written by SQL alone: by the fold, the nightly job and the scores.

    A window of N days holds the days after ``as_of`` - N, whatever came since. An
    active day is one of the broker's days with an approved deposit or a trade.
    """

    _name = "veloc.trader.state"
    _description = "Trader Figures"
    _log_access = False

    trader_id = fields.Many2one(
        "veloc.trader", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="trader_id.currency_id")
    as_of = fields.Date("Counted On", readonly=True)

    deposit_count_7 = fields.Integer("Deposits, 7 Days", required=True, readonly=True)
    deposit_total_7 = fields.Monetary("Deposited, 7 Days", required=True, readonly=True)
    withdrawal_count_7 = fields.Integer(
        "Withdrawals, 7 Days", required=True, readonly=True
    )
    withdrawal_total_7 = fields.Monetary(
        "Withdrawn, 7 Days", required=True, readonly=True
    )
    trade_count_7 = fields.Integer("Trades, 7 Days", required=True, readonly=True)
    volume_total_7 = fields.Monetary(
        "Volume Traded, 7 Days", required=True, readonly=True
    )
    result_total_7 = fields.Monetary(
        "Trading Result, 7 Days", required=True, readonly=True
    )
    login_count_7 = fields.Integer("Logins, 7 Days", required=True, readonly=True)
    active_days_7 = fields.Integer("Active Days, 7 Days", required=True, readonly=True)

    deposit_count_30 = fields.Integer("Deposits, 30 Days", required=True, readonly=True)
    deposit_total_30 = fields.Monetary(
        "Deposited, 30 Days", required=True, readonly=True
    )
    withdrawal_count_30 = fields.Integer(
        "Withdrawals, 30 Days", required=True, readonly=True
    )
    withdrawal_total_30 = fields.Monetary(
        "Withdrawn, 30 Days", required=True, readonly=True
    )
    trade_count_30 = fields.Integer("Trades, 30 Days", required=True, readonly=True)
    volume_total_30 = fields.Monetary(
        "Volume Traded, 30 Days", required=True, readonly=True
    )
    result_total_30 = fields.Monetary(
        "Trading Result, 30 Days", required=True, readonly=True
    )
    login_count_30 = fields.Integer("Logins, 30 Days", required=True, readonly=True)
    active_days_30 = fields.Integer(
        "Active Days, 30 Days", required=True, readonly=True
    )

    deposit_count_90 = fields.Integer("Deposits, 90 Days", required=True, readonly=True)
    deposit_total_90 = fields.Monetary(
        "Deposited, 90 Days", required=True, readonly=True
    )
    withdrawal_count_90 = fields.Integer(
        "Withdrawals, 90 Days", required=True, readonly=True
    )
    withdrawal_total_90 = fields.Monetary(
        "Withdrawn, 90 Days", required=True, readonly=True
    )
    trade_count_90 = fields.Integer("Trades, 90 Days", required=True, readonly=True)
    volume_total_90 = fields.Monetary(
        "Volume Traded, 90 Days", required=True, readonly=True
    )
    result_total_90 = fields.Monetary(
        "Trading Result, 90 Days", required=True, readonly=True
    )
    login_count_90 = fields.Integer("Logins, 90 Days", required=True, readonly=True)
    active_days_90 = fields.Integer(
        "Active Days, 90 Days", required=True, readonly=True
    )

    active_days = fields.Integer(required=True, readonly=True)
    deposit_days = fields.Integer(required=True, readonly=True)
    event_count = fields.Integer("Events", required=True, readonly=True)
    login_count = fields.Integer("Logins", required=True, readonly=True)
    deposit_max = fields.Monetary("Largest Deposit", required=True, readonly=True)
    first_event_at = fields.Datetime("First Event", readonly=True)
    last_event_at = fields.Datetime("Last Event", readonly=True)
    first_deposit_day = fields.Date(readonly=True)
    last_deposit_day = fields.Date(readonly=True)
    first_active_day = fields.Date(readonly=True)
    last_active_day = fields.Date(readonly=True)
    first_trade_at = fields.Datetime("First Trade", readonly=True)
    last_trade_at = fields.Datetime("Last Trade", readonly=True)
    last_withdrawal_at = fields.Datetime("Last Withdrawal", readonly=True)
    streak_days = fields.Integer(
        "Last Streak",
        required=True,
        readonly=True,
        help="Active days in a row that end on the last active day.",
    )
    streak_best = fields.Integer("Longest Streak", required=True, readonly=True)

    rfm_r = fields.Integer("Recency", readonly=True)
    rfm_f = fields.Integer("Frequency", readonly=True)
    rfm_m = fields.Integer("Value", readonly=True)
    p_alive = fields.Float("Still a Client", readonly=True)
    overdue_ratio = fields.Float("Overdue", readonly=True)
    churn_risk = fields.Float(readonly=True)
    p_first_deposit = fields.Float("First Deposit to Come", readonly=True)
    p_next_deposit = fields.Float("Next Deposit to Come", readonly=True)
    ltv = fields.Monetary("Expected Value", readonly=True)
    ltv_simple = fields.Monetary("Expected Value, Simple", readonly=True)
    scored_at = fields.Datetime("Scored On", readonly=True)
    quality_issue_count = fields.Integer("Data Issues", required=True, readonly=True)
    dirty = fields.Boolean(
        "To Be Counted Anew",
        readonly=True,
        help="Something came that can only be counted from the beginning.",
    )

    _is_trader = models.Constraint(
        "CHECK (id = trader_id)", "The figures have the number of their trader."
    )
    # The only index on what changes: all updates but these stay on their page.
    _dirty_idx = models.Index("(id) WHERE dirty")

    def init(self):
        """Zeros by default, room on each page, and a row for every trader."""
        done = super().init()
        defaults = SQL(", ").join(
            SQL("ALTER COLUMN %s SET DEFAULT 0", SQL.identifier(name)) for name in ZEROS
        )
        self.env.cr.execute(
            SQL("ALTER TABLE veloc_trader_state SET (fillfactor = 70), %s", defaults)
        )
        self.env.cr.execute(TRIGGERS)
        self.env.cr.execute(RECEIVED)
        self.env.cr.execute(ADD_ROWS)
        return done

    # === COMPUTE === #

    @api.depends("trader_id")
    def _compute_display_name(self):
        for figures in self:
            figures.display_name = figures.trader_id.display_name

    # === BUSINESS === #

    @api.model
    def _next_chunk(self, last, size):
        """Return where the next ``size`` numbers after ``last`` end; None: at the end.

        A job over everybody begins each of its transactions here: it waits for locks
        with fresh data. Not every number is somebody.
        """
        self.env["veloc.cadence.engine"]._read_committed()
        [(upto,)] = self.env.execute_query(
            SQL(
                "SELECT min(id) + least(%s, (SELECT max(id) FROM veloc_trader_state)"
                " - min(id)) FROM veloc_trader_state WHERE id > %s",
                size - 1,
                last,
            )
        )
        return upto
