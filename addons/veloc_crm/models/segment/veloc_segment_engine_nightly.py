"""The night's part of segments: whose turn it is, and how many there are."""

from odoo import api, fields, models
from odoo.tools import SQL

REACHED = "veloc_crm.segments_reached"
# Everybody is looked at once in so many nights, whether anything was noted or not.
SHARES = 7
CHUNK = 20_000
# By the number of the trader: both keys are walked once, and rows lie side by side.
NEXT = """
SELECT t.id FROM veloc_trader t LEFT JOIN veloc_segment_mark m ON m.trader_id = t.id
WHERE t.id > %(last)s AND (
    m.trader_id IS NULL OR m.next_check_at <= %(now)s
    OR t.id BETWEEN %(low)s AND %(high)s)
ORDER BY t.id LIMIT %(chunk)s
"""
SPAN = """
SELECT low + width * %(share)s / %(shares)s,
    low + width * (%(share)s + 1) / %(shares)s - 1
FROM (SELECT min(id) AS low, max(id) - min(id) + 1 AS width FROM veloc_trader) span
"""


class VelocSegmentEngine(models.AbstractModel):
    """Who was changed, who is due, who has no mark yet, and a share of all others.

    In chunks, each committed; an interrupted night goes on from there.
    """

    _inherit = "veloc.segment.engine"

    @api.model
    def _nightly(self, now):
        cron = self.env["ir.cron"]
        counts = {"traders": 0, "moves": 0, "remaining": 0}
        last, share = self._get_reached(now), self._get_share(now)
        time_left = cron._commit_progress()
        while True:
            self.env["veloc.cadence.engine"]._read_committed()
            moment = fields.Datetime.now()
            ids = self._get_turn(last, moment, share)
            if not ids:
                break
            if not time_left:
                return counts | {"remaining": 1}
            moves = self._touch(ids, moment, is_exact=True)
            counts["traders"] += len(ids)
            counts["moves"] += len(moves)
            last = ids[-1]
            self._set_reached(now, last)
            time_left = cron._commit_progress()
        # sudo: the job counts everybody's segments.
        segments_sudo = self.env["veloc.segment"].sudo().search([("active", "=", True)])
        self.env["veloc.segment.size"]._note(segments_sudo.ids, fields.Datetime.now())
        self._set_reached(now, 0)
        return counts

    @api.model
    def _get_share(self, now):
        """Return the first and the last id of those whose turn is tonight anyway."""
        run = self.env["veloc.nightly.run"]._current()
        parts = (0, 1) if run.is_whole else (now.toordinal() % SHARES, SHARES)
        [share] = self.env.execute_query(SQL(SPAN, share=parts[0], shares=parts[1]))
        return share

    @api.model
    def _get_turn(self, last, now, share):
        """Return the next ids to look at, after ``last``."""
        if not self.env["veloc.segment"]._get_live():
            return []
        low, high = share
        rows = self.env.execute_query(
            SQL(NEXT, last=last, now=now, low=low, high=high, chunk=CHUNK)
        )
        return [trader_id for (trader_id,) in rows]

    @api.model
    def _get_reached(self, now):
        """Return how far the night that began at ``now`` came."""
        # sudo: a note of the job to itself.
        text = self.env["ir.config_parameter"].sudo().get_param(REACHED, "")
        night, _space, last = text.rpartition(" ")
        return int(last) if night == str(now) else 0

    @api.model
    def _set_reached(self, now, last):
        # sudo: a note of the job to itself.
        self.env["ir.config_parameter"].sudo().set_param(REACHED, f"{now} {last}")
