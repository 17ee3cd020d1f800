"""Events bring people into cadences and take them out, whole batches at a time."""

from odoo import api, models
from odoo.tools import SQL

from ..rules import planner


class VelocCadenceEntry(models.AbstractModel):
    """The door of the cadences. The number of queries does not grow with the events."""

    _name = "veloc.cadence.entry"
    _description = "Cadence Entry and Exit"

    @api.model
    def _on_events(self, touched, now):
        """Let people in and out because of ``touched``; see the engine."""
        self.env.flush_all()
        entered = self._let_in(touched, now)
        self._let_out(touched, now)
        return entered

    # === IN === #

    @api.model
    def _let_in(self, touched, now):
        """Enrol for each entry event that is still fresh; return the new rows."""
        doors = self._load_doors({event["type"] for event in touched})
        versions = [door["version_id"] for in_ in doors.values() for door in in_]
        steps = self.env["veloc.cadence.engine"]._load_steps(versions)
        entries, stale = [], {}
        for event in touched:
            for door in doors.get(event["type"], ()):
                own_steps = steps[door["version_id"]]
                if planner.is_too_old(own_steps, event["at"], now):
                    key = (event["trader_id"], door["cadence_id"])
                    stale.setdefault(key, []).append((event, door))
                else:
                    entries.append(self._prepare_entry(event, door, own_steps[0], now))
        self._note_stale(stale, now)
        return self.env["veloc.enrolment"]._enter(entries)

    @api.model
    def _prepare_entry(self, event, door, step, now):
        run = planner.Run(event["at"], step.slot)
        return {
            "cadence_id": door["cadence_id"],
            "version_id": door["version_id"],
            "trader_id": event["trader_id"],
            "occurrence": planner.occurrence_of(
                door["reentry"], event["type"], event["event_id"]
            ),
            "is_solo": door["reentry"] != "each",
            "is_urgent": door["kind"] == "flow",
            "step_id": step.id,
            "next_due": planner.due_at(step, run),
            "context": event.get("variables") or {},
            "entered_at": event["at"],
            "now": now,
        }

    @api.model
    def _note_stale(self, stale, now):
        """Write one decision per person and cadence for events that came too late.

        One row, not one per event: the import of a long history must stay small.
        """
        self.env["veloc.decision"]._insert(
            [
                {
                    "at": now,
                    "trader_id": trader_id,
                    "partner_id": events[0][0]["partner_id"],
                    "cadence_id": cadence_id,
                    "version_id": events[0][1]["version_id"],
                    "verdict": planner.EXPIRED,
                    "reason": "event_too_old",
                    "rule": "useful_until",
                    "saw": {
                        "event": events[0][0]["type"],
                        "events": len(events),
                        "newest": max(event["at"] for event, _door in events),
                    },
                }
                for (trader_id, cadence_id), events in stale.items()
            ]
        )

    @api.model
    def _load_doors(self, types):
        """Return ``{event type: [door…]}`` of the published versions people enter."""
        rows = self.env.execute_query_dict(
            SQL(
                """SELECT c.id AS cadence_id, c.current_version_id AS version_id,
                       c.kind, c.reentry, c.entry_event_type
                  FROM veloc_cadence c
                 WHERE c.active AND c.current_version_id IS NOT NULL
                   AND c.entry_event_type = ANY(%s)
                 ORDER BY c.id""",
                sorted(types),
            )
        )
        doors = {}
        for row in rows:
            doors.setdefault(row["entry_event_type"], []).append(row)
        return doors

    # === OUT === #

    @api.model
    def _let_out(self, touched, now):
        """Take out those whose goal or way out came, or whose stage ends it."""
        rows = self.env.execute_query_dict(
            SQL(
                LEAVERS_SQL,
                [event["trader_id"] for event in touched],
                [event["type"] for event in touched],
                [event["at"] for event in touched],
                list({event["trader_id"] for event in touched}),
            )
        )
        self._leave(rows, now)

    @api.model
    def _leave(self, rows, now):
        """End the runs in ``rows`` (LEAVERS_SQL) and stop their queued messages."""
        if not rows:
            return
        for row in rows:
            row["reason"] = self._exit_reason(row)
        self.env["veloc.decision"]._insert(
            [
                {
                    **{name: row[name] for name in RUN_COLUMNS},
                    "enrolment_id": row["id"],
                    "at": now,
                    "verdict": planner.EXITED,
                    "reason": row["reason"],
                    "rule": "exit",
                    "saw": {"event": row["event_type"], "stage": row["stage"]},
                }
                for row in rows
            ]
        )
        self.env["veloc.enrolment"]._apply(
            [
                {
                    "id": row["id"],
                    "state": planner.LEFT,
                    "exit_reason": row["reason"],
                    "is_converted": row["is_goal"],
                    "at": now,
                }
                for row in rows
            ]
        )
        self.env["veloc.cadence.engine"]._cancel_messages(
            [row["id"] for row in rows], "exited"
        )

    @api.model
    def _exit_reason(self, row):
        if row["is_goal"]:
            return "goal"
        return "exit_event" if row["event_type"] else "stage"


RUN_COLUMNS = (
    "trader_id",
    "partner_id",
    "company_id",
    "cadence_id",
    "version_id",
    "step_id",
)

# Runs to end: by an event after their entry, or by the stage their trader is in now.
# A run with several reasons is named once, the goal first.
LEAVERS_SQL = """
SELECT DISTINCT ON (id) * FROM (
    SELECT r.id, r.trader_id, r.partner_id, r.company_id, r.cadence_id, r.version_id,
           r.step_id, x.event_type, NULL AS stage, COALESCE(x.is_goal, false) AS is_goal
      FROM unnest(%s::int[], %s::varchar[], %s::timestamp[]) AS e(trader_id, type, at)
      JOIN veloc_enrolment r ON r.trader_id = e.trader_id AND r.state = 'active'
      JOIN veloc_cadence_exit x
        ON x.version_id = r.version_id AND x.event_type = e.type
     WHERE e.at >= r.entered_at
    UNION ALL
    SELECT r.id, r.trader_id, r.partner_id, r.company_id, r.cadence_id, r.version_id,
           r.step_id, NULL, x.stage, COALESCE(x.is_goal, false)
      FROM veloc_enrolment r
      JOIN veloc_trader t ON t.id = r.trader_id
      JOIN veloc_cadence_exit x ON x.version_id = r.version_id AND x.stage = t.stage
     WHERE r.trader_id = ANY(%s) AND r.state = 'active'
) AS leaver
ORDER BY id, is_goal DESC
"""
