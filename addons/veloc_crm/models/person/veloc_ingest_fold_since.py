import json

from odoo import api, models
from odoo.tools import SQL

from ...rules.amendments import MOVING, TakenBack
from ...rules.kyc import STATES
from ...rules.lifecycle import ACTIVITY, MILESTONES, Happening, advance
from ..veloc_ingest_fold import SET_KYC, SET_STANDINGS, _standing_row


class VelocIngestFold(models.AbstractModel):
    """Traders who were put back to an earlier day hear again what came since."""

    _inherit = "veloc.ingest.fold"

    @api.model
    def _catch_up(self, trader_ids, event_id, now):
        """Move traders by their events above ``event_id``, as if they came today."""
        self._catch_up_kyc(trader_ids, event_id)
        rows, changes = [], []
        told = self._load_since(trader_ids, event_id, [*MILESTONES, *ACTIVITY])
        for trader_id, (before, policy) in self._load_standings(trader_ids).items():
            news = [Happening(at, kind) for at, kind in told.get(trader_id, ())]
            standing, moves = advance(before, news, now, policy)
            rows.append(_standing_row(trader_id, standing, policy))
            changes += [(trader_id, move) for move in moves]
        self.env.cr.execute(SQL(SET_STANDINGS, json.dumps(rows, default=str)))
        self._add_changes(changes)
        self._stand_anew(self._find_taken_back(trader_ids, event_id), now)
        self.env["veloc.trader"].invalidate_model(flush=False)

    def _catch_up_kyc(self, trader_ids, event_id):
        rows = [
            {"id": trader_id, "state": STATES[kind], "at": at}
            for trader_id, news in self._load_since(
                trader_ids, event_id, list(STATES)
            ).items()
            for at, kind in news[-1:]
        ]
        self.env.cr.execute(SQL(SET_KYC, json.dumps(rows, default=str)))

    def _load_since(self, trader_ids, event_id, types):
        """Return ``{trader id: [(time, type)]}`` of what counts, oldest first."""
        found = {}
        for trader_id, at, kind in self.env.execute_query(
            SQL(
                "SELECT trader_id, at, type FROM veloc_trader_event_counted"
                " WHERE trader_id = ANY(%s) AND id > %s AND type = ANY(%s)"
                " ORDER BY at, id",
                trader_ids,
                event_id,
                types,
            )
        ):
            found.setdefault(trader_id, []).append((at, kind))
        return found

    def _find_taken_back(self, trader_ids, event_id):
        """Return ``{trader id: TakenBack}`` of those with a reversal since."""
        found = {}
        for trader_id, at, time in self.env.execute_query(
            SQL(
                """
                SELECT r.trader_id, (SELECT max(e.at) FROM veloc_trader_event_raw e
                        WHERE e.trader_id = r.trader_id AND e.id > %(after)s
                            AND e.type = 'reversal') AS back_at, r.at
                FROM veloc_trader_event_change c
                JOIN veloc_trader_event_raw r ON r.id = c.target_id
                WHERE r.trader_id = ANY(%(ids)s) AND c.is_reversed
                    AND r.type = ANY(%(moving)s)
                """,
                ids=trader_ids,
                after=event_id,
                moving=list(MOVING),
            )
        ):
            if at:
                found.setdefault(trader_id, TakenBack(at, [])).times.append(time)
        return found
