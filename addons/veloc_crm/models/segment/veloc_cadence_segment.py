"""Cadences that people enter through a segment, live or all at once on a date."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.veloc_compliance.const import PROMOTIONAL

from ...rules import planner

LOCKED = {"entry_segment_id", "entry_at", "leaves_with_segment"}
CAMPAIGN_BATCH = 1_000
# People who were in the segment, row by row, so that a broken run goes on.
MEMBERS = """
SELECT t.id AS trader_id, t.partner_id FROM veloc_segment_member m
JOIN veloc_trader t ON t.id = m.trader_id
WHERE m.segment_id = %s AND m.trader_id > %s AND m.since <= %s
ORDER BY m.trader_id LIMIT %s
"""
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


class VelocCadence(models.Model):
    """An entry by segment is fixed once published, as an entry by event is."""

    _inherit = "veloc.cadence"
    _veloc_ledger_fields = frozenset(LOCKED)

    entry_segment_id = fields.Many2one(
        "veloc.segment",
        string="Enters From Segment",
        ondelete="restrict",
        index="btree_not_null",
        help="Whoever comes into the segment after the cadence was published enters.",
    )
    entry_at = fields.Datetime(
        string="All at Once On",
        help="Everybody who is in the segment then enters, and nobody later: a "
        "campaign. Empty: people enter as they come into the segment.",
    )
    leaves_with_segment = fields.Boolean(
        string="Leaves With Segment",
        help="Who falls out of the segment leaves the cadence.",
    )
    entry_from = fields.Integer(readonly=True, copy=False)
    entry_done_at = fields.Datetime(string="All Entered On", readonly=True, copy=False)

    _one_entry = models.Constraint(
        "CHECK (num_nonnulls(entry_event_type, entry_segment_id) <= 1)",
        "People enter on an event or from a segment, not both.",
    )
    _date_of_segment = models.Constraint(
        "CHECK (entry_segment_id IS NOT NULL"
        " OR (entry_at IS NULL AND leaves_with_segment IS NOT TRUE))",
        "A date of entry needs a segment.",
    )
    _campaign_due_idx = models.Index(
        "(entry_at) WHERE entry_at IS NOT NULL AND entry_done_at IS NULL"
    )

    def write(self, vals):
        for name in LOCKED & vals.keys():
            field = self._fields[name]
            for cadence in self.filtered("is_locked"):
                new = field.convert_to_cache(vals[name], cadence)
                if new != field.convert_to_cache(cadence[name], cadence):
                    raise UserError(
                        self.env._(
                            "People are in this cadence or have been: its entry stays "
                            "as it is. Duplicate the cadence to change it."
                        )
                    )
        return super().write(vals)

    def _is_promotional(self):
        """Say whether any version in use or in work sells something."""
        self.ensure_one()
        versions = self.current_version_id | self.draft_version_id
        kinds = versions.step_ids.template_id.purpose_id.mapped("kind")
        return not PROMOTIONAL.isdisjoint(kinds)

    @api.model
    def _pass_campaigns(self, now):
        """Let one batch of a campaign whose time has come in; return how many."""
        due = self.search(
            [
                ("entry_at", "<=", now),
                ("entry_done_at", "=", False),
                ("current_version_id", "!=", False),
            ],
            order="entry_at, id",
            limit=1,
        )
        if not due:
            return 0
        people = self.env.execute_query_dict(
            SQL(
                MEMBERS,
                due.entry_segment_id.id,
                due.entry_from,
                now,
                CAMPAIGN_BATCH,
            )
        )
        self.env["veloc.cadence.entry"]._let_campaign_in(due, people, now)
        if people:
            due.entry_from = people[-1]["trader_id"]
        if len(people) < CAMPAIGN_BATCH:
            due.entry_done_at = now
        return len(people) or 1


class VelocCadenceVersion(models.Model):
    """What is for care only never feeds a cadence that sells."""

    _inherit = "veloc.cadence.version"

    def _find_problems(self):
        problems = super()._find_problems()
        kinds = self.step_ids.template_id.purpose_id.mapped("kind")
        if self.cadence_id.entry_segment_id.for_care and not PROMOTIONAL.isdisjoint(
            kinds
        ):
            problems.append(
                self.env._(
                    "The segment is for care only: each step needs a template of a "
                    "service purpose."
                )
            )
        return problems


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
