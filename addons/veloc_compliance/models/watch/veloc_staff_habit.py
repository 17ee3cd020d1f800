from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...rules import anomaly
from .veloc_staff_reading import BUCKET

WIDTHS = tuple(anomaly.MARGINS)


class VelocStaffHabit(models.Model):
    """What was usual for somebody on one day: the largest sums, and the hours."""

    _name = "veloc.staff.habit"
    _description = "Reading habits of staff"
    _order = "day desc, user_id"
    _log_access = False

    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="cascade"
    )
    day = fields.Date(required=True, readonly=True)
    maxima = fields.Char(readonly=True, help="Largest sum per window, in their order.")
    hours = fields.Integer(readonly=True, help="One bit per hour of the day.")

    _once = models.UniqueIndex("(user_id, day)")
    _by_day = models.Index("(day)")

    # === BUSINESS === #

    @api.model
    def _learn(self, now):
        """Write down yesterday's habits, once, and what was missed before."""
        readings = self.env["veloc.staff.reading"]
        zone = readings._zone()
        today = fields.Datetime.context_timestamp(self, now).date()
        newest = self.search([], limit=1).day
        first = today - timedelta(days=anomaly.LEARNING_DAYS)
        day = max(newest + timedelta(days=1), first) if newest else first
        while day < today:
            rows = [
                self._prepare_habit(user_id, day, counts, zone)
                for user_id, counts in readings._of_day(day, zone).items()
            ]
            self._insert(rows)
            day += timedelta(days=1)

    def _prepare_habit(self, user_id, day, counts, zone):
        sums = anomaly.largest_sums(counts)
        hours = {datetime.fromtimestamp(b * BUCKET, zone).hour for b in counts}
        mask = sum(1 << hour for hour in hours)
        return user_id, day, " ".join(str(sums[w]) for w in WIDTHS), mask

    def _insert(self, rows):
        if rows:
            self.env.execute_query(
                SQL(
                    "INSERT INTO veloc_staff_habit (user_id, day, maxima, hours) "
                    "VALUES %s ON CONFLICT (user_id, day) DO NOTHING RETURNING id",
                    SQL(", ").join(SQL("%s", row) for row in rows),
                )
            )

    @api.model
    def _profiles(self, now):
        """Return {user id: profile} of the last thirty days; one query."""
        first = now.date() - timedelta(days=anomaly.LEARNING_DAYS)
        rows = self.env.execute_query(
            SQL(
                "SELECT user_id, maxima, hours FROM veloc_staff_habit WHERE day >= %s",
                first,
            )
        )
        days = {}
        for user_id, maxima, mask in rows:
            sums = dict(zip(WIDTHS, map(int, maxima.split()), strict=True))
            hours = frozenset(hour for hour in range(24) if mask >> hour & 1)
            days.setdefault(user_id, []).append(anomaly.Profile(sums, hours, 1))
        return {user_id: anomaly.merged(parts) for user_id, parts in days.items()}

    @api.autovacuum
    def _gc_old(self):
        """Forget habits that are older than what is compared."""
        limit = fields.Date.today() - timedelta(days=anomaly.LEARNING_DAYS + 5)
        self.env.cr.execute(SQL("DELETE FROM veloc_staff_habit WHERE day < %s", limit))
