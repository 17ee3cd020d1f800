"""The engine's own steps with nothing written: what would be decided, and when."""

from collections import namedtuple

from odoo import api, models

from ...rules import planner
from ..veloc_cadence_engine import Claimed

# A run as the engine claims it, when it is due and what will end it.
Imagined = namedtuple("Imagined", (*Claimed._fields, "due", "leaves_at", "leaves_for"))
# Pauses are half an hour at least where the house is not set up: a week of them.
MOST_ROUNDS = 400


class VelocCadenceSimulation(models.AbstractModel):
    """Inherits the engine: what it would do is asked of the engine itself.

    Each run lives by its own clock, all runs of a round are decided together: the
    number of queries follows the rounds, not the people.
    """

    _name = "veloc.cadence.simulation"
    _inherit = ["veloc.cadence.engine"]
    _description = "Cadence Simulation"

    # === WHERE THE ENGINE WOULD WRITE === #

    @api.model
    def _hand_over(self, outbox, drafts, now):
        return outbox.env["veloc.outbox"]._foresee(drafts)

    @api.model
    def _prepare_draft(self, row, run, plan):
        return {**super()._prepare_draft(row, run, plan), "at": row.due}

    @api.model
    def _add_worth(self, drafts):
        """Budgets are asked when messages are claimed: nothing to say here."""

    # === THE WALK === #

    @api.model
    def _walk(self, runs, end):
        """Return the decisions about ``runs`` until ``end``, dicts as the engine's."""
        self.env.flush_all()
        version_ids = {run.version_id for run in runs}
        known = (
            self._load_steps(version_ids),
            self._load_exit_stages(version_ids) if version_ids else {},
            self._load_facts(runs),
        )
        decisions = []
        for _round in range(MOST_ROUNDS):
            gone, runs = self._part(runs, end)
            decisions += [self._prepare_leave(run) for run in gone]
            if not runs:
                break
            decided, runs = self._round(runs, *known)
            decisions += decided
        for order, decision in enumerate(decisions):
            decision["order"] = order
        return decisions

    @api.model
    def _part(self, runs, end):
        """Return the runs that end before their next step, and those to decide."""
        gone, going = [], []
        for run in runs:
            if run.leaves_at and run.leaves_at < end and run.leaves_at <= run.due:
                gone.append(run)
            elif run.due < end:
                going.append(run)
        return gone, going

    @api.model
    def _round(self, rows, steps, stages, facts):
        """Decide once about each run, at the moment it is due."""
        runs = [self._to_run(row, steps[row.version_id]) for row in rows]
        plans = [
            planner.plan(
                run,
                steps[row.version_id],
                facts[row.trader_id],
                row.due,
                stages.get(row.version_id, frozenset()),
            )
            for row, run in zip(rows, runs, strict=True)
        ]
        answers = self._attempt(rows, runs, plans, None)
        decisions, further = [], []
        for row, run, plan, answer in zip(rows, runs, plans, answers, strict=True):
            own_steps = steps[row.version_id]
            advance = self._settle(run, own_steps, plan, answer, row.due)
            if plan.verb != planner.WAIT:
                decision = self._prepare_decision(row, plan, answer, advance, row.due)
                decisions.append({**decision, "run_id": row.id})
            if advance.state == planner.ACTIVE:
                move = self._prepare_move(row, own_steps, advance, row.due)
                further.append(self._move_on(row, move))
        return decisions, further

    @api.model
    def _move_on(self, row, move):
        return row._replace(
            step_id=move["step_id"],
            # A step that was due while another was put off comes at once after it.
            due=max(move["next_due"], row.due),
            previous_at=move["previous_at"],
            held_until=move["held_until"],
        )

    @api.model
    def _prepare_leave(self, row):
        plan = planner.Plan(planner.EXIT, reason=row.leaves_for)
        advance = planner.Advance(planner.EXITED, planner.LEFT, row.leaves_for)
        decision = self._prepare_decision(row, plan, None, advance, row.leaves_at)
        return {**decision, "run_id": row.id}
