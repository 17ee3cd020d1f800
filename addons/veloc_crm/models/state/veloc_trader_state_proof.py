"""Each night's proof that days and figures are the sum of the events."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .veloc_trader_state_recompute import BATCH

# Everybody is proved once in so many nights, whether something came or not; where
# there are more than so many people a night, in more nights.
SHARES = 7
MOST_A_NIGHT = 20_000
# What was being written when the last proof began may not have been seen by it.
OVERLAP = timedelta(hours=1)
DIRTY_BATCH = 1_000


class VelocTraderState(models.Model):
    """Differences are repaired, kept and told."""

    _inherit = "veloc.trader.state"

    @api.model
    def _reconcile(self, now):
        """Prove tonight's traders (a step of the night; goes on where it stopped)."""
        cron = self.env["ir.cron"]
        run = self.env["veloc.nightly.run"]._current()
        last = run._get_mark("proved")
        ids = [id_ for id_ in self._find_to_prove(run) if id_ > last]
        time_left = cron._commit_progress(remaining=len(ids))
        done = repairs = 0
        while time_left and done < len(ids):
            batch = ids[done : done + BATCH]
            self.env["veloc.cadence.engine"]._read_committed()
            _checked, found, changed = self._recompute(batch, now, is_proof=True)
            if changed:
                self.env["veloc.segment.engine"]._note_changed(changed)
            repairs += found
            done += len(batch)
            run._set_mark("proved", batch[-1])
            time_left = cron._commit_progress(len(batch))
        if repairs:
            self._tell_repairs(run, repairs)
        return {"traders": done, "repairs": repairs, "remaining": len(ids) - done}

    @api.model
    def _find_to_prove(self, run):
        """Return the ids of those with news since the last proof, and of a share."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM veloc_trader WHERE %(is_whole)s
                UNION
                SELECT trader_id FROM veloc_trader_event_raw
                    WHERE received_at >= %(since)s
                UNION
                SELECT id FROM veloc_trader, (
                    SELECT min(id) AS low, max(id) - min(id) + 1::int8 AS width,
                        greatest(%(shares)s, (max(id) - min(id)) / %(most)s + 1)
                            AS shares
                    FROM veloc_trader) AS span
                WHERE id BETWEEN low + width * (%(night)s %% shares) / shares
                    AND low + width * (%(night)s %% shares + 1) / shares - 1
                ORDER BY 1
                """,
                is_whole=run.is_whole,
                since=run._previous_start() - OVERLAP,
                night=run.started_at.toordinal(),
                shares=SHARES,
                most=MOST_A_NIGHT,
            )
        )
        return [id_ for (id_,) in rows]

    @api.model
    def _tell_repairs(self, run, repairs):
        text = self.env._("%(count)s figures differed from the events.", count=repairs)
        self.env["veloc.alert"]._raise(
            "figures_repaired",
            str(run.id),
            text,
            res_model=run._name,
            res_id=run.id,
        )

    @api.model
    def _cron_recompute_dirty(self):
        """Count anew, from the beginning, whom the ingestion could only mark."""
        cron = self.env["ir.cron"]
        time_left = cron._commit_progress(
            remaining=self.search_count([("dirty", "=", True)])
        )
        while time_left:
            self.env["veloc.cadence.engine"]._read_committed()
            ids = self.search([("dirty", "=", True)], order="id", limit=DIRTY_BATCH).ids
            if not ids:
                return
            now = fields.Datetime.now()
            self._recompute(ids, now)
            self.env["veloc.segment"]._on_touched(ids, now)
            time_left = cron._commit_progress(len(ids))
