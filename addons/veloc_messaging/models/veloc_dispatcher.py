import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import SystemRandom

from psycopg2 import extensions

from odoo import api, fields, models
from odoo.tools import SQL

from ..providers import pool

# A pass starts nothing after this many seconds; the calls in the air may take the
# provider's time-out (20 s) longer. Well below limit_time_real_cron.
DEFAULT_BUDGET = 20
# How long answers are gathered before they are committed together. A crash leaves
# those of one group in doubt, to be looked up. Nobody waits for it: the threads go on.
LINGER = 0.2
# Rows held per account, so that no thread waits for the next claim. A claim has a
# fixed cost: few big ones are cheaper.
ROWS_AHEAD = 8  # times the threads of the account
LEAST_AHEAD = 64
# Seconds until the queue is looked at again when the last look found nothing more.
LOOK_AGAIN = 0.5
# A pass waits for what is due so soon instead of ending.
LONGEST_NAP = 10.0
# Seconds between two reports to the scheduler; each is a write.
REPORT_EVERY = 2.0
# First half of the advisory lock of a pass; the second is its number.
OWNER_LOCK = 7_305_242
_numbers = SystemRandom()

CRONS = {
    "urgent": ("ir_cron_dispatch_urgent",),
    "bulk": ("ir_cron_dispatch_bulk_1", "ir_cron_dispatch_bulk_2"),
}


@dataclass
class Pass:
    """What one run of the job holds while it lasts."""

    lane: str
    deadline: float
    threads: pool.Pool
    owner: int
    rows: dict = field(default_factory=dict)  # in the air, by id
    look_at: float = 0.0  # when to look for due rows again
    report_at: float = 0.0
    processed: int = 0

    def rooms(self):
        """Return ``{account id: rows it may take}`` for accounts with a lane."""
        return {
            name: 0 if lane.stop and lane.flying else ahead(lane) - lane.flying
            for name, lane in self.threads.lanes.items()
        }

    def is_hungry(self):
        """Return whether it is time to claim: threads may run dry soon."""
        now = pool.clock()
        if now >= self.deadline:
            return False
        return now >= self.look_at or any(
            not lane.stop and lane.is_more and lane.flying < ahead(lane) / 4
            for lane in self.threads.lanes.values()
        )


def _is_failed(connection):
    status = connection.get_transaction_status()
    return status == extensions.TRANSACTION_STATUS_INERROR


def ahead(lane):
    """Return how many rows an account may hold."""
    return rows_ahead(lane.concurrency)


def rows_ahead(concurrency):
    """Return how many rows an account of so many threads may hold."""
    return max(ROWS_AHEAD * concurrency, LEAST_AHEAD)


class VelocDispatcher(models.AbstractModel):
    """Empties the outbox: claim, ask the gate again, commit, send, commit the answer.

    A row is committed as "sending" before anything leaves, and its answer right after
    it came, so that a crash can lose an answer but never a message, and never sends
    one twice. Any number of copies may run side by side.
    """

    _name = "veloc.dispatcher"
    _description = "Message dispatcher"

    # === CRON === #

    @api.model
    def _cron_dispatch(self, lane):
        """Send what is due in a lane; several crons may work on the same lane."""
        deadline = pool.clock() + self._parameter("pass_seconds", DEFAULT_BUDGET)
        with self._owning() as owner:
            self.env["ir.cron"]._commit_progress()
            with pool.Pool(deadline) as threads:
                run = Pass(lane, deadline, threads, owner)
                while self._step(run):
                    pass
                # While the threads close nothing more comes in.
                self.env["ir.cron"]._commit_progress(run.processed)
        self._wake_self(lane)

    @contextmanager
    def _owning(self):
        """Yield the number of this pass; while it lives nobody takes back its rows.

        The lock belongs to the connection that will write the answers: once that is
        gone they cannot be written any more, and a dead process has none.
        """
        cr, owner = self.env.cr, _numbers.randrange(1, 2**31)
        cr.execute(SQL("SELECT pg_advisory_lock(%s, %s)", OWNER_LOCK, owner))
        try:
            yield owner
        finally:
            connection = cr._cnx
            if not connection.closed:
                # The connection goes back to the pool, where the lock would live on.
                if _is_failed(connection):
                    cr.rollback()
                cr.execute(SQL("SELECT pg_advisory_unlock(%s, %s)", OWNER_LOCK, owner))

    def _step(self, run):
        """Claim, gather answers, write them; return whether there is more to do."""
        is_idle = not run.threads.flying
        if pool.clock() >= run.deadline and is_idle:
            return False
        taken = self._fill(run) if is_idle or run.is_hungry() else 0
        if run.threads.flying:
            self._gather(run)
            return True
        return bool(taken) or self._nap(run)

    @api.model
    def _wake(self, lane, at=None):
        """Wake the crons of a lane; they start when the transaction commits."""
        for name in CRONS[lane]:
            self.env.ref(f"veloc_messaging.{name}")._trigger(at=at)

    def _wake_self(self, lane):
        """Ask for another pass when this one ended before the work did."""
        cron_id = self.env.context.get("cron_id")
        if cron_id and self._is_due(lane):
            self.env["ir.cron"].browse(cron_id)._trigger()

    def _nap(self, run):
        """Sleep a little when something will be due soon; return whether it will."""
        until = self._next_due(run.lane)
        self._commit(run)
        if until is None:
            return False
        pause = (until - fields.Datetime.now()).total_seconds()
        if pause > LONGEST_NAP or pool.clock() + pause >= run.deadline:
            return False
        # In short steps: something new may be queued meanwhile.
        threading.Event().wait(min(max(pause, 0.05), LOOK_AGAIN))
        return True

    # === THE PASS === #

    def _fill(self, run):
        """Claim what the accounts have room for, for their threads; return how many."""
        self._read_committed()
        if self.env["veloc.failover"]._move_on(run.lane):
            self._commit(run)
        taken, batch = self._claim(run.lane, run.rooms(), run.owner)
        self._commit(run, taken - len(batch))
        jobs = {}
        for row, account, outgoing in batch:
            run.rows[row["id"]] = row
            job = pool.Job(row["id"], outgoing, row["start_by"])
            jobs.setdefault(account, []).append(job)
        for account, of_account in jobs.items():
            lane = run.threads.lanes.get(account.id) or run.threads.lane(
                account.id, account._get_provider(), account.concurrency
            )
            lane.add(of_account)
        # Reading an account opened a transaction at the stricter level.
        self._commit(run)
        for lane in run.threads.lanes.values():
            lane.is_more = lane.flying >= ahead(lane) / 2
        run.look_at = pool.clock() + LOOK_AGAIN
        return taken

    def _gather(self, run):
        """Write the answers that came, in one transaction."""
        timeout = max(min(run.look_at, run.deadline) - pool.clock(), 0.05)
        if group := run.threads.collect(timeout, LINGER):
            self._write_answers(group, run.rows)
            self._commit(run, len(group))
            for key, _result in group:
                del run.rows[key]

    def _commit(self, run, processed=0):
        """Commit; tell the scheduler now and then how far we are."""
        run.processed += processed
        cron = self.env["ir.cron"]
        if pool.clock() < run.report_at:
            cron.with_context(ir_cron_progress_id=False)._commit_progress()
            return
        cron._commit_progress(run.processed)
        run.processed = 0
        run.report_at = pool.clock() + REPORT_EVERY

    def _read_committed(self):
        """See the newest rows, and wait for a lock instead of failing on it.

        Only the first statement of a transaction may say so. (In a test the
        transaction has always begun.) Compiling a claim costs a hundred times the
        claim, and PostgreSQL would do it as soon as the queue is long.
        """
        cr = self.env.cr
        if cr._cnx.get_transaction_status() == extensions.TRANSACTION_STATUS_IDLE:
            cr.execute(
                "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SET LOCAL jit = off"
            )

    def _parameter(self, name, default):
        # sudo: limits of the sending, no secrets.
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        value = parameters_sudo.get_param(f"veloc_messaging.{name}", "")
        return int(value) if value.isdigit() else default
