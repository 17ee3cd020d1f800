"""The windows of 7, 30 and 90 days move with the calendar, once a night."""

from odoo import api, models
from odoo.tools import SQL

from .veloc_trader_state import COUNTS, TOTALS, WINDOWS

CHUNK = 100_000  # numbers
# Who has nothing in the longest window has nothing to move.
OUTDATED = """
s.id > %(last)s AND s.id <= %(upto)s AND s.as_of < %(today)s
    AND (s.active_days_90 > 0 OR s.withdrawal_count_90 > 0 OR s.login_count_90 > 0)
"""
LOCK = """
SELECT FROM veloc_trader t JOIN veloc_trader_state s ON s.id = t.id
WHERE t.id > %(last)s AND t.id <= %(upto)s AND %(outdated)s
ORDER BY t.id FOR NO KEY UPDATE OF t
"""
MOVE = """
WITH mine AS MATERIALIZED (
    SELECT s.id, s.as_of FROM veloc_trader_state s WHERE %(outdated)s
), over AS (
    SELECT m.id, %(sums)s
    FROM mine m JOIN veloc_trader_day_raw d ON d.trader_id = m.id
    WHERE %(days)s
    GROUP BY m.id
), less AS (
    UPDATE veloc_trader_state s SET as_of = %(today)s, %(moved)s
    FROM mine m JOIN over o ON o.id = m.id
    WHERE s.id = m.id RETURNING s.id
), same AS (
    UPDATE veloc_trader_state s SET as_of = %(today)s
    FROM mine m
    WHERE s.id = m.id AND NOT EXISTS (SELECT FROM over o WHERE o.id = m.id)
)
SELECT id FROM less
"""


class VelocTraderState(models.Model):
    """Each window gives up the days that fell out of it since the last time."""

    _inherit = "veloc.trader.state"

    @api.model
    def _move_windows(self, now):
        """Bring all windows to the broker's day of ``now`` (a step of the night)."""
        today, moved = self._broker_day(now), 0
        last, time_left = 0, 1
        while upto := self._next_chunk(last, CHUNK):
            if not time_left:
                return {"moved": moved, "remaining": 1}
            moved += self._move_chunk(last, upto, today)
            last = upto
            time_left = self.env["ir.cron"]._commit_progress(1)
        return {"moved": moved}

    @api.model
    def _move_chunk(self, last, upto, today):
        """Take from each window the days that are over; return how many moved."""
        outdated = SQL(OUTDATED, last=last, upto=upto, today=today)
        [(count, oldest)] = self.env.execute_query(
            SQL(
                "SELECT count(*), min(as_of) FROM veloc_trader_state s WHERE %s",
                outdated,
            )
        )
        if not count:
            return 0
        # Traders first: neither we nor the ingestion wait for the other's second lock.
        self.env.cr.execute(SQL(LOCK, last=last, upto=upto, outdated=outdated))
        columns = _columns(oldest, today)
        rows = self.env.execute_query(
            SQL(MOVE, outdated=outdated, today=today, **columns)
        )
        self.invalidate_model(flush=False)
        # Only who has less now is news for the segments.
        self.env["veloc.segment.engine"]._note_changed([id_ for (id_,) in rows])
        return count


def _columns(oldest, today):
    """Return the lists of columns and days that the statement is made of."""
    names = [(name, days) for days in WINDOWS for name in (*COUNTS, *TOTALS)]
    return {
        "sums": SQL(", ").join(_over(*name, today) for name in names),
        # Constants, so that the months with nothing to tell are not read.
        "days": SQL(" OR ").join(
            SQL(
                "d.day > %(oldest)s - %(n)s AND d.day <= %(today)s - %(n)s",
                oldest=oldest,
                today=today,
                n=days,
            )
            for days in WINDOWS
        ),
        "moved": SQL(", ").join(
            SQL(
                "%(n)s = s.%(n)s - coalesce(o.%(n)s, 0)",
                n=SQL.identifier(f"{name}_{days}"),
            )
            for name, days in names
        ),
    }


def _over(name, days, today):
    """Return the sum of what left the window of so many days."""
    column = (
        SQL("(d.deposit_count + d.trade_count > 0)::int4")
        if name == "active_days"
        else SQL("d.%s", SQL.identifier(name))
    )
    return SQL(
        "sum(%(column)s) FILTER (WHERE d.day > m.as_of - %(n)s"
        " AND d.day <= %(today)s - %(n)s) AS %(alias)s",
        column=column,
        n=days,
        today=today,
        alias=SQL.identifier(f"{name}_{days}"),
    )
