"""The night on the ladders: warnings, falls, and whom news could not lift."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from ...rules.tiers import NIGHT
from ..veloc_ingest_tiers import LADDERS, SOURCE

# Numbers of traders in one transaction: one look at all, locks for those who move.
CHUNK = 50_000
# Decided at once: their places and moves go to the database as one document.
PART = 5_000
MARK = "tiers"
ENTER = """
WITH fresh AS (
    SELECT t.id %(source)s
    WHERE %(where)s AND t.%(rung)s IS NULL AND %(is_there)s
    ORDER BY t.id FOR NO KEY UPDATE OF t SKIP LOCKED
)
UPDATE veloc_trader t SET %(rung)s = %(rung_id)s, %(since)s = %(now)s
FROM fresh WHERE t.id = fresh.id RETURNING t.id
"""


class VelocIngestTiers(models.AbstractModel):
    """One statement a ladder finds who is to move, be warned or spared: the rest,
    those who wait for the day on which they may fall among them, cost no more."""

    _inherit = "veloc.ingest.tiers"

    @api.model
    def _nightly_tiers(self, now):
        """Place everybody (a step of the night; goes on where it stopped)."""
        run = self.env["veloc.nightly.run"]._current()
        counts, last = self._place_chunks(now, run)
        if last:
            return {**counts, "remaining": 1}
        return {**counts, **self.env["veloc.vip.grant"]._refresh(now)}

    @api.model
    def _cron_retier(self):
        """Place everybody anew after a ladder was edited."""
        cron, now = self.env["ir.cron"], fields.Datetime.now()
        cron._commit_progress(remaining=1)
        _counts, last = self._place_chunks(now)
        if not last:
            self.env["veloc.vip.grant"]._refresh(now)
            cron._commit_progress(remaining=0)

    @api.model
    def _place_chunks(self, now, run=None):
        """Return what was counted, and the id where it stopped for want of time."""
        counts = defaultdict(int)
        last, time_left = run._get_mark(MARK) if run else 0, 1
        while upto := self.env["veloc.trader.state"]._next_chunk(last, CHUNK):
            if not time_left:
                return counts, last
            for code in LADDERS:
                for name, count in self._place_range(code, last, upto, now).items():
                    counts[name] += count
            last = upto
            if run:
                run._set_mark(MARK, last)
            time_left = self.env["ir.cron"]._commit_progress(1)
        return counts, 0

    @api.model
    def _place_range(self, code, last, upto, now):
        """Decide about those of a range of ids for whom something is due."""
        self.env.cr.execute("SET LOCAL work_mem = '64MB'")
        where = SQL(
            "t.id > %(last)s AND t.id <= %(upto)s"
            " AND s.id > %(last)s AND s.id <= %(upto)s",
            last=last,
            upto=upto,
        )
        self._enter(code, where, now)
        rows = self._find_candidates(code, NIGHT, where, now)
        counts = defaultdict(int)
        for start in range(0, len(rows), PART):
            part = rows[start : start + PART]
            for name, count in self._decide(code, part, now, NIGHT).items():
                counts[name] += count
        return counts

    @api.model
    def _enter(self, code, where, now):
        """Put who is nowhere yet on the rung that takes everybody: it is no move.

        News do this for whom they bring; here it is people who came another way.
        """
        rungs = self.env[LADDERS[code]]
        ladder, columns = rungs._get_ladder(), rungs._place_columns
        for number, rung in enumerate(ladder, 1):
            if not rung.is_open:
                continue
            rows = self.env.execute_query(
                SQL(
                    ENTER,
                    rung=SQL.identifier(columns.rung),
                    since=SQL.identifier(columns.since),
                    source=SOURCE,
                    where=where,
                    is_there=SQL("%s = %s", self._rank_entered(ladder), number),
                    rung_id=rung.id,
                    now=now,
                )
            )
            ids = [id_ for (id_,) in rows]
            if ids and code == "tier":
                self.env["veloc.trader"]._retime_stages(ids)
            self.env["veloc.segment.engine"]._note_changed(ids)
