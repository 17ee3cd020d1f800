"""Segments open and close cadences, as events do."""

from odoo import api, models
from odoo.tools import SQL

from ...rules import planner

DOORS = """
SELECT id AS cadence_id, current_version_id AS version_id, kind, reentry,
       entry_segment_id
  FROM veloc_cadence
 WHERE active AND current_version_id IS NOT NULL AND entry_segment_id = ANY(%s)
   AND entry_at IS NULL
 ORDER BY id
"""
LEAVERS = """
SELECT r.id, r.trader_id, r.partner_id, r.company_id, r.cadence_id, r.version_id,
       r.step_id, NULL AS event_type, NULL AS stage, false AS is_goal,
       c.entry_segment_id AS segment_id
  FROM unnest(%s::int[], %s::int[]) AS gone (trader_id, segment_id)
  JOIN veloc_cadence c ON c.entry_segment_id = gone.segment_id
       AND c.leaves_with_segment
  JOIN veloc_enrolment r ON r.cadence_id = c.id AND r.trader_id = gone.trader_id
 WHERE r.state = 'active'
"""


class VelocCadenceEntry(models.AbstractModel):
    """Moves in and out of segments open and close cadences as events do."""

    _inherit = "veloc.cadence.entry"

    @api.model
    def _on_segment_moves(self, moves, now):
        """Let people in and out; ``moves`` are (event id, segment, trader, kind)."""
        entered = [move for move in moves if move[3] == "entered"]
        left = [move for move in moves if move[3] == "left"]
        if left:
            self._let_out_of_segments(left, now)
        if entered:
            rows = self._let_in_from_segments(entered, now)
            self.env["veloc.cadence.engine"]._wake(rows, now)

    @api.model
    def _let_in_from_segments(self, moves, now):
        doors = {}
        segment_ids = list({move[1] for move in moves})
        for door in self.env.execute_query_dict(SQL(DOORS, segment_ids)):
            doors.setdefault(door["entry_segment_id"], []).append(door)
        if not doors:
            return []
        versions = [door["version_id"] for own in doors.values() for door in own]
        steps = self.env["veloc.cadence.engine"]._load_steps(versions)
        return self.env["veloc.enrolment"]._enter(
            [
                self._prepare_entry(
                    {
                        "trader_id": trader_id,
                        "type": "segment",
                        "event_id": event_id,
                        "at": now,
                    },
                    door,
                    steps[door["version_id"]][0],
                    now,
                )
                for event_id, segment_id, trader_id, _kind in moves
                for door in doors.get(segment_id, ())
            ]
        )

    @api.model
    def _let_campaign_in(self, cadence, people, now):
        """Enrol these people, as of the date the campaign was set for."""
        steps = self.env["veloc.cadence.engine"]._load_steps(
            cadence.current_version_id.ids
        )[cadence.current_version_id.id]
        door = {
            "cadence_id": cadence.id,
            "version_id": cadence.current_version_id.id,
            "kind": cadence.kind,
            "reentry": cadence.reentry,
        }
        events = [
            {**person, "type": "segment", "event_id": 0, "at": cadence.entry_at}
            for person in people
        ]
        if events and planner.is_too_old(steps, cadence.entry_at, now):
            self._note_stale(
                {(e["trader_id"], cadence.id): [(e, door)] for e in events}, now
            )
            return
        rows = self.env["veloc.enrolment"]._enter(
            [self._prepare_entry(event, door, steps[0], now) for event in events]
        )
        self.env["veloc.cadence.engine"]._wake(rows, now)

    @api.model
    def _let_out_of_segments(self, moves, now):
        rows = self.env.execute_query_dict(
            SQL(LEAVERS, [move[2] for move in moves], [move[1] for move in moves])
        )
        self._leave(rows, now)

    @api.model
    def _exit_reason(self, row):
        if row.get("segment_id"):
            return "left_segment"
        return super()._exit_reason(row)
