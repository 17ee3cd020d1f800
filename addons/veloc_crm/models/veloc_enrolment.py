"""One person's run through a cadence version. Written by the engine alone."""

import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..rules import cadence_checks, planner
from ..words import say_reason

STATES = [("active", "Waiting"), ("done", "Done"), ("exited", "Left")]


class VelocEnrolment(models.Model):
    """Where a person stands in a cadence and when something is due next."""

    _name = "veloc.enrolment"
    _description = "Enrolment"
    _order = "id desc"
    _rec_name = "partner_id"

    cadence_id = fields.Many2one("veloc.cadence", required=True, ondelete="restrict")
    version_id = fields.Many2one(
        "veloc.cadence.version", required=True, ondelete="restrict"
    )
    trader_id = fields.Many2one(
        "veloc.trader", required=True, ondelete="restrict", index=True
    )
    partner_id = fields.Many2one(
        "res.partner", string="Person", required=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company")
    occurrence = fields.Char(
        required=True, help="Tells this run from the person's others in the cadence."
    )
    is_solo = fields.Boolean(help="Only one run at a time for each person.")
    is_urgent = fields.Boolean()
    step_id = fields.Many2one(
        "veloc.cadence.step", string="Next Step", ondelete="restrict"
    )
    next_due = fields.Datetime()
    held_until = fields.Datetime()
    previous_at = fields.Datetime(string="Last Step Settled")
    state = fields.Selection(STATES, required=True, default="active")
    exit_reason = fields.Char()
    exit_words = fields.Char(compute="_compute_exit_words", string="Left Because")
    is_converted = fields.Boolean(string="Reached the Goal")
    context = fields.Json(help="Values of the event that the texts may use.")
    entered_at = fields.Datetime(required=True)
    ended_at = fields.Datetime()
    decision_ids = fields.One2many("veloc.decision", "enrolment_id")

    _occurrence_unique = models.Constraint(
        "UNIQUE (cadence_id, trader_id, occurrence)",
        "This person is in the cadence for this reason already.",
    )
    _active_unique = models.UniqueIndex(
        "(cadence_id, trader_id) WHERE state = 'active' AND is_solo",
        "This person is in the cadence already.",
    )
    _due_idx = models.Index("(is_urgent, next_due, id) WHERE state = 'active'")
    _active_trader_idx = models.Index("(trader_id) WHERE state = 'active'")
    _step_idx = models.Index("(step_id) WHERE state = 'active'")
    _version_idx = models.Index("(version_id) WHERE state = 'active'")
    _active_has_step = models.Constraint(
        "CHECK (state <> 'active' OR (step_id IS NOT NULL AND next_due IS NOT NULL))",
        "A run that goes on knows its next step and when it is due.",
    )

    # === COMPUTE === #

    @api.depends("exit_reason")
    @api.depends_context("lang")
    def _compute_exit_words(self):
        for enrolment in self:
            enrolment.exit_words = say_reason(self.env, enrolment.exit_reason)

    # === ACTIONS === #

    def action_explain(self):
        """Open the decisions of this run: why did they (not) get this?"""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_crm.veloc_decision_action"
        )
        return {
            **action,
            "domain": [("enrolment_id", "=", self.id)],
            "context": {},
            "name": self.env._("Why? %(person)s", person=self.partner_id.display_name),
        }

    # === MOVES === #

    @api.model
    def _enter(self, entries):
        """Insert one run per entry unless the person is in already; return the new.

        ``entries`` are dicts of plain values; the answer is rows of
        (id, is_urgent, next_due).
        """
        if not entries:
            return []
        return self.env.execute_query(SQL(ENTER_SQL, json.dumps(entries, default=str)))

    @api.model
    def _apply(self, moves):
        """Write where runs stand now; the only place that moves ``state``.

        ``moves`` are dicts with ``id`` and any of the columns in ``MOVED``; a
        missing column becomes empty, except the version and the flags.
        """
        if not moves:
            return
        self.env.execute_query(SQL(APPLY_SQL, json.dumps(moves, default=str)))
        self.invalidate_model()

    def _leave_all(self, domain, reason):
        """Take everybody in ``domain`` who waits out of their cadence."""
        waiting = self.search([*domain, ("state", "=", planner.ACTIVE)])
        waiting._leave(reason)

    def _leave(self, reason):
        """Take these runs out: decision rows, cancelled messages, end."""
        now = fields.Datetime.now()
        self.env["veloc.decision"]._insert(
            [
                enrolment._prepare_decision_values(planner.EXITED, reason, now)
                for enrolment in self
            ]
        )
        self._apply(
            [
                {"id": id_, "state": planner.LEFT, "exit_reason": reason, "at": now}
                for id_ in self.ids
            ]
        )
        self.env["veloc.message"]._cancel_queued(
            [f"veloc.enrolment,{id_}" for id_ in self.ids], reason
        )

    def _change_version(self, versions, target, direction):
        """Move those waiting in ``versions`` to ``target``, or take them out."""
        waiting = self.search(
            [("version_id", "in", versions.ids), ("state", "=", planner.ACTIVE)]
        )
        if direction == "exit":
            waiting._leave("plan_exit")
            return
        goals = {
            version: cadence_checks.map_slots(
                version.step_ids._to_rule(), target.step_ids._to_rule()
            )
            for version in waiting.version_id
        }
        new_steps = {step.slot: step for step in target.step_ids}
        chosen = {
            enrolment: new_steps.get(
                goals[enrolment.version_id].get(enrolment.step_id.slot)
            )
            for enrolment in waiting
        }
        staying = waiting.filtered(lambda enrolment: chosen[enrolment])
        (waiting - staying)._leave("plan_no_step")
        self._apply(
            [enrolment._prepare_move(chosen[enrolment]) for enrolment in staying]
        )

    def _prepare_move(self, step):
        """Return the move to another version's ``step``, due by that step's wait."""
        self.ensure_one()
        rule = step._to_rule()[0]
        previous_at = self.previous_at or None
        held_until = self.held_until or None
        run = planner.Run(self.entered_at, rule.slot, previous_at)
        return {
            "id": self.id,
            "state": planner.ACTIVE,
            "version_id": step.version_id.id,
            "step_id": step.id,
            "next_due": max(planner.due_at(rule, run), held_until or self.entered_at),
            "previous_at": previous_at,
            "held_until": held_until,
        }

    def _prepare_decision_values(self, verdict, reason, at):
        self.ensure_one()
        return {
            "at": at,
            "trader_id": self.trader_id.id,
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id or None,
            "cadence_id": self.cadence_id.id,
            "version_id": self.version_id.id,
            "step_id": self.step_id.id or None,
            "enrolment_id": self.id,
            "verdict": verdict,
            "reason": reason,
        }

    @api.autovacuum
    def _gc_context(self):
        """Forget the event's values of runs that ended a quarter of a year ago."""
        limit = fields.Datetime.now() - timedelta(days=90)
        self.env.cr.execute(
            SQL(
                """UPDATE veloc_enrolment SET context = NULL WHERE id IN (
                    SELECT id FROM veloc_enrolment
                    WHERE state <> 'active' AND ended_at < %s AND context IS NOT NULL
                    LIMIT 10000)""",
                limit,
            )
        )
        return self.env.cr.rowcount, 0


ENTER_SQL = """
INSERT INTO veloc_enrolment (
    cadence_id, version_id, trader_id, partner_id, company_id, occurrence, is_solo,
    is_urgent, step_id, next_due, state, context, entered_at, is_converted,
    create_date, write_date, create_uid, write_uid)
SELECT e.cadence_id, e.version_id, t.id, t.partner_id, t.company_id, e.occurrence,
       e.is_solo, e.is_urgent, e.step_id, e.next_due, 'active', e.context,
       e.entered_at, false, e.now, e.now, 1, 1
  FROM jsonb_to_recordset(%s::jsonb) AS e(
        cadence_id int, version_id int, trader_id int, occurrence varchar,
        is_solo bool, is_urgent bool, step_id int, next_due timestamp,
        context jsonb, entered_at timestamp, now timestamp)
  JOIN veloc_trader t ON t.id = e.trader_id
ON CONFLICT DO NOTHING
RETURNING id, is_urgent, next_due
"""

APPLY_SQL = """
UPDATE veloc_enrolment AS r
   SET state = m.state,
       version_id = COALESCE(m.version_id, r.version_id),
       step_id = CASE WHEN m.state = 'exited' THEN r.step_id ELSE m.step_id END,
       next_due = m.next_due,
       previous_at = m.previous_at,
       held_until = m.held_until,
       exit_reason = m.exit_reason,
       is_converted = COALESCE(m.is_converted, r.is_converted),
       ended_at = CASE WHEN m.state <> 'active' THEN m.at END,
       write_date = COALESCE(m.at, r.write_date)
  FROM jsonb_to_recordset(%s::jsonb) AS m(
        id int, state varchar, version_id int, step_id int, next_due timestamp,
        previous_at timestamp, held_until timestamp, exit_reason varchar,
        is_converted bool, at timestamp)
 WHERE r.id = m.id AND r.state = 'active'
"""
