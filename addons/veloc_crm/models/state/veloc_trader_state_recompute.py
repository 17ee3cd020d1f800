"""A trader's figures counted anew from the events: the one place that knows how.

One statement for many traders: days from events, figures from days, and only what
differs is written. Its MATERIALIZED parts are borders for the planner, which would
loop over what it takes for a few rows. Months that left for the archive have no
events here any more: for them the days' rows are the truth.
"""

from datetime import UTC

from odoo import api, fields, models
from odoo.tools import SQL

from .veloc_trader_state import COUNTS, TOTALS, WINDOWS

BATCH = 10_000
# Ids that lie close together are read as a range: one walk of the index, not many.
DENSE = 3
DAY_SUMS = (
    "event_count",
    "deposit_count",
    "deposit_total",
    "withdrawal_count",
    "withdrawal_total",
    "trade_count",
    "volume_total",
    "result_total",
    "login_count",
)
TRADER_SUMS = (*DAY_SUMS[1:-1], "net_deposit")
TRADER_TIMES = ("last_deposit_at", "last_login_at", "last_event_at")
WINDOW_SUMS = (*COUNTS, *TOTALS)
FIGURES = (
    "active_days",
    "deposit_days",
    "event_count",
    "login_count",
    "deposit_max",
    "first_event_at",
    "last_event_at",
    "first_deposit_day",
    "last_deposit_day",
    "first_active_day",
    "last_active_day",
    "first_trade_at",
    "last_trade_at",
    "last_withdrawal_at",
    "streak_days",
    "streak_best",
    *(f"{name}_{days}" for days in WINDOWS for name in WINDOW_SUMS),
)
COUNTED = """
counted AS MATERIALIZED (
    SELECT trader_id,
        (at AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date AS day,
        count(*)::int4 AS event_count,
        (count(*) FILTER (WHERE type = 'deposit_approved'))::int4 AS deposit_count,
        coalesce(sum(amount) FILTER (WHERE type = 'deposit_approved'), 0)
            AS deposit_total,
        (count(*) FILTER (WHERE type = 'withdrawal_paid'))::int4 AS withdrawal_count,
        coalesce(sum(amount) FILTER (WHERE type = 'withdrawal_paid'), 0)
            AS withdrawal_total,
        (count(*) FILTER (WHERE type = 'trade'))::int4 AS trade_count,
        coalesce(sum(volume) FILTER (WHERE type = 'trade'), 0) AS volume_total,
        coalesce(sum(result) FILTER (WHERE type = 'trade'), 0) AS result_total,
        (count(*) FILTER (WHERE type = 'login'))::int4 AS login_count,
        min(at) AS first_event_at, max(at) AS last_event_at,
        max(amount) FILTER (WHERE type = 'deposit_approved') AS deposit_max,
        max(at) FILTER (WHERE type = 'deposit_approved') AS last_deposit_at,
        max(at) FILTER (WHERE type = 'withdrawal_paid') AS last_withdrawal_at,
        min(at) FILTER (WHERE type = 'trade') AS first_trade_at,
        max(at) FILTER (WHERE type = 'trade') AS last_trade_at,
        max(at) FILTER (WHERE type = 'login') AS last_login_at
    FROM veloc_trader_event_counted
    WHERE %(which)s AND at >= %(kept_at)s
    GROUP BY 1, 2
)
"""
DAYS = """
stored AS (
    SELECT * FROM veloc_trader_day_raw WHERE %(which)s
), wrong_day AS (
    SELECT trader_id, day, c.day IS NULL AS is_gone,
        to_jsonb(d) AS was, to_jsonb(c) AS is_now
    FROM (SELECT trader_id, day, %(day_sums)s FROM counted WHERE day > %(kept)s) c
    FULL JOIN (SELECT trader_id, day, %(day_sums)s FROM stored WHERE day > %(kept)s) d
        USING (trader_id, day)
    WHERE (%(c_sums)s) IS DISTINCT FROM (%(d_sums)s)
), write_days AS (
    INSERT INTO veloc_trader_day_raw AS d (trader_id, day, %(day_sums)s)
    SELECT trader_id, day, %(day_sums)s FROM counted JOIN wrong_day
        USING (trader_id, day)
    ORDER BY trader_id, day
    ON CONFLICT (day, trader_id) DO UPDATE SET (%(day_sums)s) = ROW(%(excluded)s)
), drop_days AS (
    DELETE FROM veloc_trader_day_raw d USING wrong_day w
    WHERE w.is_gone AND d.day = w.day AND d.trader_id = w.trader_id
), days AS (
    SELECT trader_id, day, %(day_sums)s FROM counted WHERE day > %(kept)s
    UNION ALL
    SELECT trader_id, day, %(day_sums)s FROM stored WHERE day <= %(kept)s
)
"""
STATES = """
runs AS (
    SELECT trader_id, count(*)::int4 AS length, max(day) AS last_day
    FROM (
        SELECT trader_id, day,
            day - (row_number() OVER (PARTITION BY trader_id ORDER BY day))::int4 AS run
        FROM days WHERE deposit_count + trade_count > 0
    ) active
    GROUP BY trader_id, run
), streaks AS (
    SELECT trader_id, max(length) AS streak_best, max(last_day) AS last_active_day,
        sum(length)::int4 AS active_days,
        (array_agg(length ORDER BY last_day DESC))[1] AS streak_days
    FROM runs GROUP BY trader_id
), sums AS (
    SELECT trader_id,
        (count(*) FILTER (WHERE deposit_count > 0))::int4 AS deposit_days,
        min(day) FILTER (WHERE deposit_count > 0) AS first_deposit_day,
        max(day) FILTER (WHERE deposit_count > 0) AS last_deposit_day,
        min(day) FILTER (WHERE deposit_count + trade_count > 0) AS first_active_day,
        %(all_sums)s
    FROM days GROUP BY trader_id
), times AS (
    SELECT trader_id, min(first_event_at) AS first_event_at,
        max(last_event_at) AS last_event_at, max(deposit_max) AS deposit_max,
        max(last_deposit_at) AS last_deposit_at,
        max(last_withdrawal_at) AS last_withdrawal_at,
        min(first_trade_at) AS first_trade_at, max(last_trade_at) AS last_trade_at,
        max(last_login_at) AS last_login_at
    FROM counted GROUP BY trader_id
), mine AS (
    SELECT s.id, s.dirty,
        CASE WHEN %(is_proof)s
                AND s.active_days_90 + s.withdrawal_count_90 + s.login_count_90 > 0
            THEN s.as_of ELSE greatest(s.as_of, %(today)s) END AS as_of
    FROM veloc_trader_state s WHERE %(which_s)s
), windows AS (
    SELECT d.trader_id, %(window_sums)s
    FROM days d JOIN mine m ON m.id = d.trader_id
    WHERE d.day > m.as_of - 90
    GROUP BY d.trader_id
), fresh AS MATERIALIZED (
    SELECT m.id, m.as_of, m.dirty,
        coalesce(k.active_days, 0) AS active_days,
        coalesce(a.deposit_days, 0) AS deposit_days,
        coalesce(a.event_count, 0) AS event_count,
        coalesce(a.login_count, 0) AS login_count,
        greatest(t.deposit_max, o.deposit_max, 0) AS deposit_max,
        least(t.first_event_at, o.first_event_at) AS first_event_at,
        greatest(t.last_event_at, o.last_event_at) AS last_event_at,
        a.first_deposit_day, a.last_deposit_day, a.first_active_day, k.last_active_day,
        least(t.first_trade_at, o.first_trade_at) AS first_trade_at,
        greatest(t.last_trade_at, o.last_trade_at) AS last_trade_at,
        greatest(t.last_withdrawal_at, o.last_withdrawal_at) AS last_withdrawal_at,
        coalesce(k.streak_days, 0) AS streak_days,
        coalesce(k.streak_best, 0) AS streak_best,
        %(window_columns)s
    FROM mine m
    LEFT JOIN streaks k ON k.trader_id = m.id
    LEFT JOIN sums a ON a.trader_id = m.id
    LEFT JOIN times t ON t.trader_id = m.id
    LEFT JOIN windows w ON w.trader_id = m.id
    LEFT JOIN veloc_trader_state o ON o.id = m.id AND %(which_o)s
        AND o.first_event_at < %(kept_at)s
), wrong_state AS (
    SELECT f.*, to_jsonb(s) AS was
    FROM fresh f JOIN veloc_trader_state s ON s.id = f.id AND %(which_s)s
    WHERE (%(f_figures)s) IS DISTINCT FROM (%(s_figures)s) OR s.dirty
        OR s.as_of IS DISTINCT FROM f.as_of AND NOT %(is_proof)s
), write_states AS (
    UPDATE veloc_trader_state s
    SET (as_of, dirty, %(figures)s) = ROW(w.as_of, false, %(w_figures)s)
    FROM wrong_state w WHERE s.id = w.id AND %(which_s)s
)
"""
TRADERS = """
fresh_trader AS MATERIALIZED (
    SELECT m.id, %(trader_sums)s,
        coalesce(a.deposit_total, 0) - coalesce(a.withdrawal_total, 0) AS net_deposit,
        t.last_deposit_at, t.last_login_at, t.last_event_at
    FROM mine m
    LEFT JOIN sums a ON a.trader_id = m.id
    LEFT JOIN times t ON t.trader_id = m.id
), wrong_trader AS (
    SELECT r.id AS trader_id, to_jsonb(r) AS was, f.*
    FROM fresh_trader t
    JOIN veloc_trader r ON r.id = t.id AND %(which_r)s
    CROSS JOIN LATERAL (
        SELECT %(t_sums)s,
            greatest(t.last_deposit_at, CASE WHEN r.last_deposit_at < %(kept_at)s
                THEN r.last_deposit_at END) AS last_deposit_at,
            greatest(t.last_login_at, CASE WHEN r.last_login_at < %(kept_at)s
                THEN r.last_login_at END) AS last_login_at,
            greatest(t.last_event_at, CASE WHEN r.last_event_at < %(kept_at)s
                THEN r.last_event_at END) AS last_event_at
    ) f
    WHERE (%(f_trader)s) IS DISTINCT FROM (%(r_trader)s)
), write_traders AS (
    UPDATE veloc_trader r SET (%(trader)s) = ROW(%(w_trader)s)
    FROM wrong_trader w WHERE r.id = w.trader_id AND %(which_r)s
)
"""
REPAIRS = """
repairs AS (
    INSERT INTO veloc_state_repair
        (at, trader_id, company_id, place, day, name, was, is_now)
    SELECT %(now)s, w.trader_id, t.company_id, w.place, w.day, n.name,
        w.was ->> n.name, w.is_now ->> n.name
    FROM (
        SELECT trader_id, 'day' AS place, day, was, is_now FROM wrong_day
        UNION ALL
        SELECT id, 'figures', NULL, was, to_jsonb(s) FROM wrong_state s
        UNION ALL
        SELECT trader_id, 'trader', NULL, was, to_jsonb(r) FROM wrong_trader r
    ) w
    JOIN mine m ON m.id = w.trader_id AND m.dirty IS NOT TRUE
    JOIN veloc_trader t ON t.id = w.trader_id AND %(which_t)s
    CROSS JOIN unnest(%(names)s) AS n (name)
    WHERE %(is_proof)s
        AND coalesce(nullif(w.was -> n.name, 'null'), '0')
            IS DISTINCT FROM coalesce(nullif(w.is_now -> n.name, 'null'), '0')
    RETURNING trader_id
)
SELECT (SELECT count(*) FROM mine), (SELECT count(*) FROM repairs),
    ARRAY(SELECT id FROM wrong_state ORDER BY id)
"""


class VelocTraderState(models.Model):
    """Counted anew: by the nightly proof, after a merge, after a correction."""

    _inherit = "veloc.trader.state"

    @api.model
    def _recompute(self, trader_ids, now=None, is_proof=False):
        """Count these traders' days and figures anew from the events.

        Returns ``(checked, repairs, changed trader ids)``. As a proof the windows stay
        where they are, and every difference is kept as a ``veloc.state.repair``.
        The caller's transaction is the border: traders are locked in id order.
        """
        ids = sorted(set(trader_ids))
        found = [
            self._recompute_batch(ids[start : start + BATCH], now, is_proof)
            for start in range(0, len(ids), BATCH)
        ]
        for name in ("veloc.trader", "veloc.trader.state", "veloc.trader.day"):
            self.env[name].invalidate_model(flush=False)
        return (
            sum(checked for checked, _repairs, _changed in found),
            sum(repairs for _checked, repairs, _changed in found),
            [id_ for _checked, _repairs, changed in found for id_ in changed],
        )

    @api.model
    def _recompute_batch(self, ids, now, is_proof):
        self.env.flush_all()
        self._lock_figures(_which("id", ids))
        now = now or fields.Datetime.now()
        zone = self.env["veloc.ingest.fold"]._get_zone()
        values = {
            "which": _which("trader_id", ids),
            **{f"which_{table}": _which(f"{table}.id", ids) for table in "sort"},
            "zone": zone.key,
            "today": self._broker_day(now),
            "now": now,
            "is_proof": is_proof,
            **self._kept_since(),
            **_columns(),
        }
        parts = (COUNTED, DAYS, STATES, TRADERS, REPAIRS)
        statement = SQL(", ").join(SQL(part, **values) for part in parts)
        (found,) = self.env.execute_query(SQL("WITH %s", statement))
        return found

    @api.model
    def _lock_figures(self, which):
        """Lock traders the way the ingestion does, so neither waits for the other's
        second lock."""
        self.env.cr.execute(
            SQL(
                "SELECT FROM veloc_trader WHERE %s ORDER BY id FOR NO KEY UPDATE", which
            )
        )

    @api.model
    def _kept_since(self):
        """Return since when every event is in the database, and the last broker's day
        that is not whole there: what was before left for the archive."""
        ((kept_at,),) = self.env.execute_query(
            SQL(
                "SELECT max(month) + interval '1 month' FROM veloc_archive"
                " WHERE state = 'archived'"
            )
        )
        if kept_at:
            return {"kept_at": kept_at, "kept": self._broker_day(kept_at)}
        return {
            "kept_at": SQL("'-infinity'::timestamp"),
            "kept": SQL("'-infinity'::date"),
        }

    @api.model
    def _broker_day(self, now):
        """Return the broker's day at that time (naive UTC)."""
        zone = self.env["veloc.ingest.fold"]._get_zone()
        return now.replace(tzinfo=UTC).astimezone(zone).date()


def _which(column, ids):
    """Return the condition on these sorted ids."""
    name = SQL.identifier(*column.split("."))
    if ids[-1] - ids[0] < DENSE * len(ids):
        return SQL("%s BETWEEN %s AND %s", name, ids[0], ids[-1])
    return SQL("%s = ANY(%s)", name, ids)


def _columns():
    """Return the lists of columns that the statement is made of."""
    trader = (*TRADER_SUMS, *TRADER_TIMES)
    windows = [(name, days) for days in WINDOWS for name in WINDOW_SUMS]
    return {
        "day_sums": _each("%(n)s", DAY_SUMS),
        "c_sums": _each("c.%(n)s", DAY_SUMS),
        "d_sums": _each("d.%(n)s", DAY_SUMS),
        "excluded": _each("excluded.%(n)s", DAY_SUMS),
        "figures": _each("%(n)s", FIGURES),
        "f_figures": _each("f.%(n)s", FIGURES),
        "s_figures": _each("s.%(n)s", FIGURES),
        "w_figures": _each("w.%(n)s", FIGURES),
        "trader": _each("%(n)s", trader),
        "f_trader": _each("f.%(n)s", trader),
        "r_trader": SQL(
            "%s, %s",
            _each("coalesce(r.%(n)s, 0)", TRADER_SUMS),
            _each("r.%(n)s", TRADER_TIMES),
        ),
        "t_sums": _each("t.%(n)s", TRADER_SUMS),
        "w_trader": _each("w.%(n)s", trader),
        "all_sums": _each("sum(%(n)s) AS %(n)s", DAY_SUMS),
        "trader_sums": _each("coalesce(a.%(n)s, 0) AS %(n)s", DAY_SUMS[1:-1]),
        "window_sums": SQL(", ").join(_window_sum(*window) for window in windows),
        "window_columns": _each(
            "coalesce(w.%(n)s, 0) AS %(n)s", [f"{n}_{days}" for n, days in windows]
        ),
        "names": sorted({*DAY_SUMS, *FIGURES, *trader}),
    }


def _each(form, names):
    """Return the form for each of the names, with commas between."""
    return SQL(", ").join(SQL(form, n=SQL.identifier(name)) for name in names)


def _window_sum(name, days):
    column = SQL.identifier(f"{name}_{days}")
    if name == "active_days":
        counted = SQL("count(*)")
        also = SQL("d.deposit_count + d.trade_count > 0 AND")
    else:
        counted, also = SQL("sum(d.%s)", SQL.identifier(name)), SQL()
    return SQL(
        "%s FILTER (WHERE %s d.day > m.as_of - %s) AS %s", counted, also, days, column
    )
