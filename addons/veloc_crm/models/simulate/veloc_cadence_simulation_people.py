"""Who a simulation is about: who waits, who came in, or some to try it with."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from ...rules import simulation
from .veloc_cadence_simulation import Imagined

# People in an order that is the same each time and says nothing about them.
ANY_ORDER = SQL("hashint4(t.id), t.id")
EVENT_COLUMNS = SQL(
    "e.id AS event_id, e.external_id, t.id AS trader_id, t.partner_id, e.type, e.at,"
    " e.amount::text AS amount, e.currency, e.data"
)
WAITING = """
SELECT r.id, r.cadence_id, r.version_id, r.trader_id, r.partner_id, r.company_id,
       r.occurrence, r.step_id, r.entered_at, r.previous_at, r.held_until, r.context,
       greatest(r.next_due, %s) AS due
  FROM veloc_enrolment r JOIN veloc_trader t ON t.id = r.trader_id
 WHERE r.state = 'active' AND r.version_id = %s AND r.next_due < %s
   AND t.company_id = ANY(%s) AND (%s OR r.trader_id = ANY(%s))
 ORDER BY r.next_due, r.id LIMIT %s
"""
EVENTS = """
SELECT %s FROM veloc_trader_event e JOIN veloc_trader t ON t.id = e.trader_id
 WHERE e.type = %s AND e.at >= %s AND e.at < %s AND t.company_id = ANY(%s)
 ORDER BY e.at, e.id LIMIT %s
"""
SEGMENT_ENTRIES = """
SELECT m.id AS event_id, t.id AS trader_id, t.partner_id, 'segment' AS type, m.at
  FROM veloc_segment_event m JOIN veloc_trader t ON t.id = m.trader_id
 WHERE m.segment_id = %s AND m.kind = 'entered' AND m.at >= %s AND m.at < %s
   AND t.company_id = ANY(%s)
 ORDER BY m.at, m.id LIMIT %s
"""
MEMBERS = """
SELECT t.id FROM veloc_segment_member m JOIN veloc_trader t ON t.id = m.trader_id
 WHERE m.segment_id = %s AND t.company_id = ANY(%s) ORDER BY %s LIMIT %s
"""
RECENT = """
SELECT t.id FROM veloc_trader t
 WHERE t.company_id = ANY(%s) AND EXISTS (
    SELECT FROM veloc_trader_event e WHERE e.trader_id = t.id AND e.type = %s)
 ORDER BY t.id DESC LIMIT %s
"""
# The newest event that would have let each person in: texts may quote it.
NEWEST = """
SELECT DISTINCT ON (t.id) %s
  FROM veloc_trader t LEFT JOIN veloc_trader_event e
    ON e.trader_id = t.id AND e.type = %s
 WHERE t.id = ANY(%s) AND t.company_id = ANY(%s)
 ORDER BY t.id, e.at DESC, e.id DESC
"""
TAKEN = """
SELECT trader_id, occurrence, state = 'active' AND is_solo FROM veloc_enrolment
 WHERE cadence_id = %s AND trader_id = ANY(%s)
"""
EXITS = """
SELECT e.trader_id, e.at, CASE WHEN x.is_goal THEN 'goal' ELSE 'exit_event' END
  FROM veloc_cadence_exit x JOIN veloc_trader_event e ON e.type = x.event_type
 WHERE x.version_id = %s AND e.trader_id = ANY(%s) AND e.at >= %s AND e.at < %s
UNION ALL
SELECT m.trader_id, m.at, 'left_segment'
  FROM veloc_cadence c JOIN veloc_segment_event m ON m.segment_id = c.entry_segment_id
 WHERE c.id = %s AND c.leaves_with_segment AND m.kind = 'left'
   AND m.trader_id = ANY(%s) AND m.at >= %s AND m.at < %s
"""
# An event lets in, and lets out at once whose stage ends the cadence.
STAGES = """
SELECT t.id, CASE WHEN bool_or(x.is_goal) THEN 'goal' ELSE 'stage' END
  FROM veloc_cadence_exit x JOIN veloc_trader t ON t.stage = x.stage
 WHERE x.version_id = %s AND t.id = ANY(%s) GROUP BY 1
"""


class VelocCadenceSimulation(models.AbstractModel):
    """Reads; a constant number of queries for any number of people."""

    _inherit = "veloc.cadence.simulation"

    # === WHO === #

    @api.model
    def _waiting(self, version, ask, trader_ids=None):
        """Return the runs that wait in ``version`` and are due within the window.

        ``trader_ids`` names some people; None is everybody.
        """
        rows = self.env.execute_query(
            SQL(
                WAITING,
                ask["start"],
                version.id,
                ask["end"],
                self.env.companies.ids,
                trader_ids is None,
                trader_ids or [],
                ask["limit"],
            )
        )
        return [Imagined(*row, leaves_at=None, leaves_for="") for row in rows]

    @api.model
    def _entrances(self, cadence, ask):
        """Return the events that open the cadence within the window."""
        window = (ask["start"], ask["end"], self.env.companies.ids, ask["limit"])
        if cadence.entry_event_type:
            found = SQL(EVENTS, EVENT_COLUMNS, cadence.entry_event_type, *window)
            return self._name_values(self.env.execute_query_dict(found))
        if not cadence.entry_segment_id:
            return []
        if not cadence.entry_at:
            found = SQL(SEGMENT_ENTRIES, cadence.entry_segment_id.id, *window)
            return self.env.execute_query_dict(found)
        if not ask["start"] <= cadence.entry_at < ask["end"] or cadence.entry_done_at:
            return []
        people = self._members(cadence.entry_segment_id, ask)
        return self._as_if(cadence, people, cadence.entry_at)

    @api.model
    def _members(self, segment, ask):
        found = SQL(
            MEMBERS, segment.id, self.env.companies.ids, ANY_ORDER, ask["limit"]
        )
        return [trader_id for (trader_id,) in self.env.execute_query(found)]

    @api.model
    def _likely(self, cadence, ask):
        """Return people like those the cadence will meet, where none came in yet."""
        if cadence.entry_segment_id:
            return self._members(cadence.entry_segment_id, ask)
        if not cadence.entry_event_type:
            return []
        found = SQL(
            RECENT, self.env.companies.ids, cadence.entry_event_type, ask["limit"]
        )
        return [trader_id for (trader_id,) in self.env.execute_query(found)]

    @api.model
    def _as_if(self, cadence, trader_ids, at):
        """Return entrances of these people at one moment."""
        found = SQL(
            NEWEST,
            EVENT_COLUMNS,
            cadence.entry_event_type or None,
            list(trader_ids),
            self.env.companies.ids,
        )
        rows = self._name_values(self.env.execute_query_dict(found))
        type_ = cadence.entry_event_type or "segment"
        return [{**row, "type": type_, "event_id": 0, "at": at} for row in rows]

    @api.model
    def _name_values(self, rows):
        """Add what the texts may quote of each event, as the ingest does."""
        own = self.env.company.currency_id.name
        wake = self.env["veloc.ingest.wake"]
        return [
            wake._prepare_event(row, own) if row["at"] else {**row, "variables": {}}
            for row in rows
        ]

    # === RUNS === #

    @api.model
    def _imagine(self, version, entrances, now):
        """Return the runs that these would begin, and who could not begin one."""
        cadence = version.cadence_id
        door = {
            "cadence_id": cadence.id,
            "version_id": version.id,
            "kind": cadence.kind,
            "reentry": cadence.reentry,
        }
        (step, *_further) = version.step_ids._to_rule()
        prepare = self.env["veloc.cadence.entry"]._prepare_entry
        people = self.env["veloc.trader"].browse(
            {entrance["trader_id"] for entrance in entrances}
        )
        company_of = {trader.id: trader.company_id.id for trader in people}
        runs, refused = [], set()
        taken = self._taken(cadence, people.ids)
        for number, entrance in enumerate(entrances, 1):
            entry = prepare(entrance, door, step, now)
            trader_id = entry["trader_id"]
            places = {(trader_id, entry["occurrence"])}
            if entry["is_solo"]:
                places.add((trader_id, None))
            if places & taken:
                refused.add(trader_id)
                continue
            taken |= places
            runs.append(self._prepare_imagined(-number, entrance, entry, company_of))
        return runs, refused - {run.trader_id for run in runs}

    @api.model
    def _taken(self, cadence, trader_ids):
        """Return the places that the table's unique indexes hold already."""
        taken = set()
        found = SQL(TAKEN, cadence.id, list(trader_ids))
        for trader_id, occurrence, is_in in self.env.execute_query(found):
            taken.add((trader_id, occurrence))
            if is_in:
                taken.add((trader_id, None))
        return taken

    @api.model
    def _prepare_imagined(self, id_, entrance, entry, company_of):
        return Imagined(
            # Below zero: no message of a run that exists has its key.
            id=id_,
            partner_id=entrance["partner_id"],
            company_id=company_of[entry["trader_id"]],
            previous_at=None,
            held_until=None,
            due=entry["next_due"],
            leaves_at=None,
            leaves_for="",
            **{
                name: entry[name]
                for name in (
                    "cadence_id",
                    "version_id",
                    "trader_id",
                    "occurrence",
                    "step_id",
                    "entered_at",
                    "context",
                )
            },
        )

    @api.model
    def _with_ways_out(self, version, runs, end):
        """Return the runs with the moment at which what has happened ended them."""
        if not runs:
            return runs
        start = min(run.entered_at for run in runs)
        ids = list({run.trader_id for run in runs})
        window = (ids, start, min(end, fields.Datetime.now()))
        moves = defaultdict(list)
        for trader_id, at, reason in self.env.execute_query(
            SQL(EXITS, version.id, *window, version.cadence_id.id, *window)
        ):
            moves[trader_id].append((at, reason))
        at_once = {}
        if version.cadence_id.entry_event_type:
            found = SQL(STAGES, version.id, ids)
            at_once = dict(self.env.execute_query(found))
        return [self._with_way_out(run, moves, at_once) for run in runs]

    @api.model
    def _with_way_out(self, run, moves, at_once):
        known = moves[run.trader_id]
        if run.trader_id in at_once:
            known = [*known, (run.entered_at, at_once[run.trader_id])]
        at, reason = simulation.leaves_at(known, run.entered_at)
        return run._replace(leaves_at=at, leaves_for=reason)
