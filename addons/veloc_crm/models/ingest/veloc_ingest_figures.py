"""The figures of the traders in a batch: windows, first and last times, streaks."""

from datetime import UTC

from odoo import api, models
from odoo.tools import SQL

from .veloc_ingest_sums import SUMS, additions

WINDOWS = (7, 30, 90)
OF_WINDOWS = [name for name in SUMS if name != "event_count"]
FIGURES = [f"{name}_{days}" for days in WINDOWS for name in OF_WINDOWS]
ACTIVE = [f"active_days_{days}" for days in WINDOWS]
ADDED = [*FIGURES, *ACTIVE, "active_days", "deposit_days"]


def _windows():
    """Return what the batch adds to each window, after each trader's own date."""
    parts = [
        SQL(
            "coalesce(sum(d.%s) FILTER (WHERE d.day > b.as_of - %s), 0) AS %s",
            SQL.identifier(name),
            days,
            SQL.identifier(f"{name}_{days}"),
        )
        for days in WINDOWS
        for name in OF_WINDOWS
    ]
    parts += [
        SQL(
            "count(*) FILTER (WHERE d.is_first_active AND d.day > b.as_of - %s) AS %s",
            days,
            SQL.identifier(f"active_days_{days}"),
        )
        for days in WINDOWS
    ]
    return SQL(", ").join(parts)


# A new active day after all others lengthens the streak or begins one; any other new
# active day has its trader's streaks counted anew from the days.
UPDATE = """
WITH b AS (
    SELECT s.id, s.streak_days, s.last_active_day,
        CASE WHEN s.as_of IS NULL OR (s.active_days_90 = 0
            AND s.withdrawal_count_90 = 0 AND s.login_count_90 = 0)
        THEN %(today)s ELSE s.as_of END AS as_of
    FROM veloc_trader_state s JOIN veloc_ingest_touched t ON t.trader_id = s.id
), p AS MATERIALIZED (
    SELECT d.trader_id, b.as_of, b.streak_days, b.last_active_day, %(windows)s,
        count(*) FILTER (WHERE d.is_first_active) AS active_days,
        min(d.day) FILTER (WHERE d.is_first_active) AS active_from,
        max(d.day) FILTER (WHERE d.is_first_active) AS active_until,
        count(*) FILTER (WHERE d.is_first_deposit) AS deposit_days,
        min(d.day) FILTER (WHERE d.is_first_deposit) AS deposit_from,
        max(d.day) FILTER (WHERE d.is_first_deposit) AS deposit_until
    FROM veloc_ingest_day d JOIN b ON b.id = d.trader_id
    GROUP BY d.trader_id, b.as_of, b.streak_days, b.last_active_day
), u AS (
    UPDATE veloc_trader_state s SET as_of = p.as_of, %(additions)s,
        event_count = s.event_count + t.event_count,
        login_count = s.login_count + t.login_count,
        deposit_max = greatest(s.deposit_max, t.deposit_max),
        first_event_at = least(s.first_event_at, t.first_at),
        last_event_at = greatest(s.last_event_at, t.last_at),
        first_trade_at = least(s.first_trade_at, t.first_trade_at),
        last_trade_at = greatest(s.last_trade_at, t.last_trade_at),
        last_withdrawal_at = greatest(s.last_withdrawal_at, t.last_withdrawal_at),
        first_deposit_day = least(s.first_deposit_day, p.deposit_from),
        last_deposit_day = greatest(s.last_deposit_day, p.deposit_until),
        first_active_day = least(s.first_active_day, p.active_from),
        last_active_day = greatest(s.last_active_day, p.active_until),
        streak_days = n.streak,
        streak_best = greatest(s.streak_best, n.streak)
    FROM p JOIN veloc_ingest_touched t USING (trader_id)
    CROSS JOIN LATERAL (SELECT CASE
        WHEN p.active_days <> 1 OR p.active_from < p.last_active_day
            THEN p.streak_days
        WHEN p.active_from = p.last_active_day + 1 THEN p.streak_days + 1
        ELSE 1 END AS streak) n
    WHERE s.id = p.trader_id
    RETURNING s.id, p.active_days > 1
        OR (p.active_days = 1 AND p.active_from < s.last_active_day) AS is_broken
)
SELECT id FROM u WHERE is_broken
"""
STREAKS = """
WITH days AS (
    SELECT trader_id, day, day - (row_number() OVER (
        PARTITION BY trader_id ORDER BY day))::int4 AS run
    FROM veloc_trader_day_raw
    WHERE trader_id = ANY(%s) AND deposit_count + trade_count > 0
), runs AS (
    SELECT trader_id, max(day) AS until, count(*)::int4 AS length
    FROM days GROUP BY trader_id, run
)
UPDATE veloc_trader_state s
SET streak_days = r.last, streak_best = r.best
FROM (
    SELECT trader_id, (array_agg(length ORDER BY until DESC))[1] AS last,
        max(length) AS best
    FROM runs GROUP BY trader_id
) r
WHERE s.id = r.trader_id
"""


class VelocIngestFigures(models.AbstractModel):
    """One statement for everybody, a second one for new days in the past."""

    _name = "veloc.ingest.figures"
    _description = "Event Ingestion: Figures"

    @api.model
    def _add_up(self, now):
        """Add the batch's days to the figures."""
        zone = self.env["veloc.ingest.fold"]._get_zone()
        broken = self.env.execute_query(
            SQL(
                UPDATE,
                today=now.replace(tzinfo=UTC).astimezone(zone).date(),
                windows=_windows(),
                additions=additions(ADDED, "s", "p"),
            )
        )
        if broken:
            self.env.cr.execute(SQL(STREAKS, [id_ for (id_,) in broken]))
