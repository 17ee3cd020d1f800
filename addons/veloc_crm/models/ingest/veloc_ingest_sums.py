"""What a batch adds up to: per trader, per trader and day."""

from odoo import api, models
from odoo.tools import SQL

# column → what is summed, of which events
SUMS = {
    "event_count": ("1", "true"),
    "deposit_count": ("1", "type = 'deposit_approved'"),
    "deposit_total": ("amount_company", "type = 'deposit_approved'"),
    "withdrawal_count": ("1", "type = 'withdrawal_paid'"),
    "withdrawal_total": ("amount_company", "type = 'withdrawal_paid'"),
    "trade_count": ("1", "type = 'trade'"),
    "volume_total": ("volume", "type = 'trade'"),
    "result_total": ("result", "type = 'trade'"),
    "login_count": ("1", "type = 'login'"),
}
OF_TRADERS = [name for name in SUMS if name not in ("event_count", "login_count")]


def names(columns):
    """Return the columns as a list for SQL."""
    return SQL(", ").join(map(SQL.identifier, columns))


def additions(columns, old, new):
    """Return ``column = old.column + new.column`` for each column."""
    return SQL(", ").join(
        SQL(
            "%(name)s = %(old)s.%(name)s + %(new)s.%(name)s",
            name=SQL.identifier(name),
            old=SQL.identifier(old),
            new=SQL.identifier(new),
        )
        for name in columns
    )


SUMMED = SQL(", ").join(
    SQL("coalesce(sum(%s) FILTER (WHERE is_counted AND %s), 0)", SQL(what), SQL(which))
    for what, which in SUMS.values()
)
TOUCHED = SQL(
    """
    INSERT INTO veloc_ingest_touched
    SELECT trader_id, min(at) FILTER (WHERE is_counted),
        max(at) FILTER (WHERE is_counted),
        max(at) FILTER (WHERE type IN ('deposit_approved', 'trade')),
        min(at) FILTER (WHERE type = 'deposit_approved'),
        max(at) FILTER (WHERE type = 'deposit_approved'),
        min(at) FILTER (WHERE type = 'trade'), max(at) FILTER (WHERE type = 'trade'),
        max(at) FILTER (WHERE type = 'withdrawal_paid'),
        max(at) FILTER (WHERE type = 'login'),
        max(amount_company) FILTER (WHERE type = 'deposit_approved'),
        bool_or(type IN ('lead', 'signup_started', 'signup', 'kyc_approved')),
        %s
    FROM veloc_ingest_new GROUP BY trader_id
    """,
    SUMMED,
)
DAYS = SQL(
    """
    WITH added AS MATERIALIZED (
        SELECT trader_id, day, %(sums)s FROM veloc_ingest_new WHERE is_counted
        GROUP BY trader_id, day
    ), put AS (
        INSERT INTO veloc_trader_day_raw AS d (trader_id, day, %(names)s)
        SELECT * FROM added ORDER BY trader_id, day
        ON CONFLICT (day, trader_id) DO UPDATE SET %(additions)s
        RETURNING trader_id, day, deposit_count, trade_count
    )
    INSERT INTO veloc_ingest_day
    SELECT a.*,
        put.deposit_count + put.trade_count > 0
            AND put.deposit_count + put.trade_count = a.deposit_count + a.trade_count,
        put.deposit_count > 0 AND put.deposit_count = a.deposit_count
    FROM added a JOIN put USING (trader_id, day)
    """,
    sums=SQL(", ").join(
        SQL(
            "coalesce(sum(%s) FILTER (WHERE %s), 0) AS %s",
            SQL(what),
            SQL(which),
            SQL.identifier(name),
        )
        for name, (what, which) in SUMS.items()
    ),
    names=names(SUMS),
    additions=additions(SUMS, "d", "excluded"),
)
# Who is active and stays so: the next limit of silence moves with the activity. All
# others are set by the rule, afterwards.
TRADERS = """
UPDATE veloc_trader t SET %s,
    net_deposit = t.net_deposit + x.deposit_total - x.withdrawal_total,
    last_deposit_at = greatest(t.last_deposit_at, x.last_deposit_at),
    last_login_at = greatest(t.last_login_at, x.last_login_at),
    last_event_at = greatest(t.last_event_at, x.last_at),
    last_activity_at = greatest(t.last_activity_at, x.active_at),
    next_stage_at = t.next_stage_at
        + (greatest(t.last_activity_at, x.active_at) - t.last_activity_at),
    write_date = %s
FROM veloc_ingest_touched x WHERE t.id = x.trader_id
"""


class VelocIngestSums(models.AbstractModel):
    """Sums do not care for order, so late events need no special care here."""

    _name = "veloc.ingest.sums"
    _description = "Event Ingestion: Sums"

    @api.model
    def _sum_up(self):
        """Note what the new events say of each trader."""
        self.env.cr.execute(TOUCHED)

    @api.model
    def _add_up(self, now):
        """Add the new events to days, traders and figures."""
        self.env.cr.execute(DAYS)
        self.env.cr.execute(SQL(TRADERS, additions(OF_TRADERS, "t", "x"), now))
        self.env["veloc.ingest.figures"]._add_up(now)
