"""The engine: events bring people in and out, due runs get their decision."""

from collections import namedtuple
from datetime import timedelta

import psycopg2.extensions

from odoo import api, fields, models
from odoo.tools import SQL

from ..rules import planner
from .veloc_cadence_entry import RUN_COLUMNS

BATCH_SIZE = 500
# Counting further than this tells the scheduler nothing new.
COUNT_LIMIT = 10_000

Claimed = namedtuple(
    "Claimed",
    "id cadence_id version_id trader_id partner_id company_id occurrence step_id "
    "entered_at previous_at held_until context",
)


class VelocCadenceEngine(models.AbstractModel):
    """Everything here costs a constant number of queries for a batch of any size."""

    _name = "veloc.cadence.engine"
    _description = "Cadence Engine"

    # === EVENTS === #

    @api.model
    def _on_events(self, touched, now=None):
        """Let people in and out because of new trader events.

        ``touched`` holds a dict per new event: trader_id, partner_id, type, at (UTC),
        event_id, variables. Called by the ingest, in its transaction.
        """
        if touched:
            now = now or fields.Datetime.now()
            entered = self.env["veloc.cadence.entry"]._on_events(touched, now)
            self._wake(entered, now)

    @api.model
    def _wake(self, entered, now):
        """Start the crons for whom something is due already."""
        soon = now + timedelta(minutes=1)
        lanes = {is_urgent for _id, is_urgent, next_due in entered if next_due <= soon}
        for is_urgent in lanes:
            self._get_cron(is_urgent)._trigger()

    @api.model
    def _get_cron(self, is_urgent):
        name = "ir_cron_cadence_urgent" if is_urgent else "ir_cron_cadence"
        # sudo: waking a job is all that happens; the caller may not read crons.
        return self.env.ref(f"veloc_crm.{name}").sudo()

    @api.model
    def _cancel_messages(self, enrolment_ids, reason):
        # sudo: the outbox has no write access for anybody; the engine owns these rows.
        self.env["veloc.message"].sudo()._cancel_queued(
            [f"veloc.enrolment,{id_}" for id_ in enrolment_ids], reason
        )

    # === THE RUN === #

    @api.model
    def _cron_run(self, is_urgent=False):
        """Decide about all runs that are due, one short transaction per batch."""
        cron = self.env["ir.cron"]
        time_left = cron._commit_progress(remaining=self._count_due(is_urgent))
        while time_left:
            self._read_committed()
            decided = self._run_batch(is_urgent, fields.Datetime.now())
            time_left = cron._commit_progress(decided) if decided else 0

    @api.model
    def _read_committed(self):
        """Let a claim meet another's instead of failing on it.

        Only a transaction that has not begun can change its level; inside a test
        it has. Compiling short statements costs far more than running them.
        """
        status = self.env.cr.connection.get_transaction_status()
        if status == psycopg2.extensions.TRANSACTION_STATUS_IDLE:
            self.env.cr.execute(
                "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SET LOCAL jit = off"
            )

    @api.model
    def _run_batch(self, is_urgent, now, limit=BATCH_SIZE):
        """Decide about one batch of due runs; return how many."""
        claimed = self._claim(is_urgent, now, limit)
        if not claimed:
            return 0
        steps = self._load_steps({row.version_id for row in claimed})
        stages = self._load_exit_stages({row.version_id for row in claimed})
        facts = self._load_facts(claimed)
        runs = [self._to_run(row, steps[row.version_id]) for row in claimed]
        plans = [
            planner.plan(
                run,
                steps[row.version_id],
                facts[row.trader_id],
                now,
                stages.get(row.version_id, frozenset()),
            )
            for row, run in zip(claimed, runs, strict=True)
        ]
        answers = self._attempt(claimed, runs, plans, now)
        self._record(claimed, runs, plans, answers, steps, now)
        return len(claimed)

    @api.model
    def _claim(self, is_urgent, now, limit):
        """Lock a batch of due runs; those another worker holds are passed over."""
        rows = self.env.execute_query(SQL(CLAIM_SQL, is_urgent, now, limit))
        return [Claimed(*row) for row in rows]

    @api.model
    def _count_due(self, is_urgent):
        ((count,),) = self.env.execute_query(
            SQL(
                """SELECT count(*) FROM (SELECT 1 FROM veloc_enrolment
                WHERE state = 'active' AND is_urgent = %s AND next_due <= %s
                LIMIT %s) AS due""",
                is_urgent,
                fields.Datetime.now(),
                COUNT_LIMIT,
            )
        )
        return count

    @api.model
    def _to_run(self, row, steps):
        slot = next((step.slot for step in steps if step.id == row.step_id), None)
        return planner.Run(row.entered_at, slot, row.previous_at, row.held_until)

    # === THE ATTEMPT === #

    @api.model
    def _attempt(self, claimed, runs, plans, now):
        """Hand what should be sent to the outbox; return an answer per run or None."""
        sends = [
            (position, self._prepare_draft(row, run, plan))
            for position, (row, run, plan) in enumerate(
                zip(claimed, runs, plans, strict=True)
            )
            if plan.verb == planner.SEND
        ]
        self._add_worth([draft for _position, draft in sends])
        answers = [None] * len(claimed)
        # Accounts and what the house says of itself are those of the trader's broker.
        for company_id in {claimed[position].company_id for position, _draft in sends}:
            own = [send for send in sends if claimed[send[0]].company_id == company_id]
            outbox = self.env["veloc.message"].with_company(company_id)
            outcomes = self._hand_over(outbox, [draft for _position, draft in own], now)
            for (position, _draft), outcome in zip(own, outcomes, strict=True):
                answers[position] = outcome
        return answers

    @api.model
    def _hand_over(self, outbox, drafts, now):
        """Return the outbox's answer per draft; what it allows is queued."""
        return outbox._enqueue(drafts, now)

    @api.model
    def _prepare_draft(self, row, run, plan):
        # From the cache: the steps of the batch were read in one query.
        step = self.env["veloc.cadence.step"].browse(plan.step.id)
        return {
            "partner_id": row.partner_id,
            "template_id": step.template_id.id,
            "channel": step.channel,
            "key": planner.message_key(row.id, plan.step.slot, row.occurrence),
            "source": f"veloc.enrolment,{row.id}",
            # What the links of the message are called in the broker's analytics.
            "campaign": step.version_id.cadence_id.code,
            "campaign_part": f"step-{plan.step.slot}",
            "variables": row.context or {},
            "useful_until": planner.useful_until(plan.step, run),
            "not_before": None,
        }

    @api.model
    def _add_worth(self, drafts):
        """Say what each person is worth: where a budget is scarce, the dearest go."""
        worth = self.env["veloc.call"]._worth({d["partner_id"] for d in drafts})
        for draft in drafts:
            draft["worth"] = worth.get(draft["partner_id"], 0.0)

    @api.model
    def _record(self, claimed, runs, plans, answers, steps, now):
        """Write the decisions and where each run goes; two queries and a cancel."""
        decisions, moves, left = [], [], []
        for row, run, plan, answer in zip(claimed, runs, plans, answers, strict=True):
            own_steps = steps[row.version_id]
            advance = self._settle(run, own_steps, plan, answer, now)
            moves.append(self._prepare_move(row, own_steps, advance, now))
            if plan.verb != planner.WAIT:
                decisions.append(
                    self._prepare_decision(row, plan, answer, advance, now)
                )
            if advance.state == planner.LEFT:
                left.append(row.id)
        self.env["veloc.decision"]._insert(decisions)
        self.env["veloc.enrolment"]._apply(moves)
        if left:
            self._cancel_messages(left, "exited")

    @api.model
    def _settle(self, run, steps, plan, answer, now):
        """Return where the run goes after this plan and its answer."""
        if plan.verb in ENDS:
            verdict, state = ENDS[plan.verb]
            return planner.Advance(verdict, state, plan.reason, previous_at=now)
        if plan.verb == planner.WAIT:
            return planner.Advance(
                planner.WAIT,
                planner.ACTIVE,
                slot=run.slot,
                next_due=plan.until,
                previous_at=run.previous_at,
                held_until=run.held_until,
            )
        if plan.verb == planner.SEND:
            outcome = planner.Outcome(
                answer["outcome"], answer.get("reason") or "", answer.get("until")
            )
        else:
            kind = {planner.SKIP: planner.SKIPPED, planner.EXPIRE: planner.EXPIRED}
            outcome = planner.Outcome(kind[plan.verb], plan.reason)
        return planner.settle(run, steps, plan.step, outcome, now)

    @api.model
    def _prepare_move(self, row, steps, advance, now):
        step = next((step for step in steps if step.slot == advance.slot), None)
        return {
            "id": row.id,
            "state": advance.state,
            "step_id": step and step.id,
            "next_due": advance.next_due,
            "previous_at": advance.previous_at,
            "held_until": advance.held_until,
            "exit_reason": advance.reason if advance.state == planner.LEFT else None,
            "at": now,
        }

    @api.model
    def _prepare_decision(self, row, plan, answer, advance, now):
        answer = answer or {}
        step = self.env["veloc.cadence.step"].browse(row.step_id)
        return {
            **{name: getattr(row, name) for name in RUN_COLUMNS},
            "enrolment_id": row.id,
            "at": now,
            "channel": step.channel if plan.step else None,
            "verdict": advance.verdict,
            "reason": advance.reason,
            "basis": answer.get("basis"),
            "rule": answer.get("rule") or plan.verb,
            "saw": {**plan.saw, **(answer.get("saw") or {})},
            "until": advance.held_until,
            "message_id": answer.get("message_id") or None,
        }

    # === FACTS === #

    @api.model
    def _load_steps(self, version_ids):
        """Return ``{version id: steps as the planner knows them}``."""
        versions = self.env["veloc.cadence.version"].browse(sorted(set(version_ids)))
        return {version.id: version.step_ids._to_rule() for version in versions}

    @api.model
    def _load_exit_stages(self, version_ids):
        rows = self.env.execute_query(
            SQL(
                "SELECT version_id, array_agg(stage) FROM veloc_cadence_exit "
                "WHERE version_id = ANY(%s) AND stage IS NOT NULL GROUP BY 1",
                sorted(version_ids),
            )
        )
        return {version_id: frozenset(stages) for version_id, stages in rows}

    @api.model
    def _load_facts(self, claimed):
        rows = self.env.execute_query(
            SQL(
                "SELECT id, stage, kyc_state, deposit_count, last_login_at "
                "FROM veloc_trader WHERE id = ANY(%s)",
                [row.trader_id for row in claimed],
            )
        )
        return {
            id_: planner.Facts(stage, kyc_state, deposit_count or 0, last_login_at)
            for id_, stage, kyc_state, deposit_count, last_login_at in rows
        }


ENDS = {
    planner.EXIT: (planner.EXITED, planner.LEFT),
    planner.FINISH: (planner.FINISHED, planner.DONE),
}

CLAIM_SQL = """
SELECT id, cadence_id, version_id, trader_id, partner_id, company_id, occurrence,
       step_id, entered_at, previous_at, held_until, context
  FROM veloc_enrolment
 WHERE state = 'active' AND is_urgent = %s AND next_due <= %s
 ORDER BY next_due, id
 LIMIT %s
   FOR NO KEY UPDATE SKIP LOCKED
"""
