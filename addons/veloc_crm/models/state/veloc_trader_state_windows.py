"""The windows of 7, 30 and 90 days move with the calendar, once a night."""

from odoo import api, models
from odoo.tools import SQL

from .veloc_trader_state import COUNTS, TOTALS, WINDOWS

BATCH = 50_000
# Who has nothing in the longest window has nothing to move.
FIND = """
SELECT id FROM veloc_trader_state
WHERE id > %s AND as_of < %s
    AND (active_days_90 > 0 OR withdrawal_count_90 > 0 OR login_count_90 > 0)
ORDER BY id LIMIT %s
"""
MOVE = """
WITH mine AS (
    SELECT id, as_of FROM veloc_trader_state
    WHERE id = ANY(%(ids)s) AND as_of < %(today)s
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
        cron = self.env["ir.cron"]
        today = self._broker_day(now)
        moved, last = 0, 0
        while cron._commit_progress(moved and BATCH):
            self.env["veloc.cadence.engine"]._read_committed()
            ids = self._find_outdated(last, today)
            if not ids:
                return {"moved": moved}
            self._lock_figures(SQL("id = ANY(%s)", ids))
            moved += self._move_batch(ids, today)
            last = ids[-1]
        return {"moved": moved, "remaining": 1}

    @api.model
    def _find_outdated(self, last, today):
        rows = self.env.execute_query(SQL(FIND, last, today, BATCH))
        return [id_ for (id_,) in rows]

    @api.model
    def _move_batch(self, ids, today):
        """Take from each window the days that are over; return how many moved."""
        oldest = self._read_group([("id", "in", ids)], [], ["as_of:min"])[0][0]
        names = [(name, days) for days in WINDOWS for name in (*COUNTS, *TOTALS)]
        rows = self.env.execute_query(
            SQL(
                MOVE,
                ids=ids,
                today=today,
                sums=SQL(", ").join(_over(*name, today) for name in names),
                # Constants, so that the months with nothing to tell are not read.
                days=SQL(" OR ").join(
                    SQL(
                        "d.day > %(oldest)s - %(n)s AND d.day <= %(today)s - %(n)s",
                        oldest=oldest,
                        today=today,
                        n=days,
                    )
                    for days in WINDOWS
                ),
                moved=SQL(", ").join(
                    SQL(
                        "%(n)s = s.%(n)s - coalesce(o.%(n)s, 0)",
                        n=SQL.identifier(f"{name}_{days}"),
                    )
                    for name, days in names
                ),
            )
        )
        self.invalidate_model(flush=False)
        # Only who has less now is news for the segments.
        self.env["veloc.segment.engine"]._note_changed([id_ for (id_,) in rows])
        return len(ids)


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
