import threading
import time

from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from odoo import api, fields, models
from odoo.tools import SQL

from ..providers import pool

# A pass starts nothing after this many seconds; the calls in the air may take the
# provider's time-out (20 s) longer. Well below limit_time_real_cron.
DEFAULT_BUDGET = 20

CRONS = {
    "urgent": ("ir_cron_dispatch_urgent",),
    "bulk": ("ir_cron_dispatch_bulk_1", "ir_cron_dispatch_bulk_2"),
}


class VelocDispatcher(models.AbstractModel):
    """Empties the outbox: claim, ask the gate again, commit, send, commit the answer.

    A row is committed as "sending" before anything leaves and gets its answer in a
    transaction of its own, so that a crash can lose an answer but never a message,
    and never sends one twice. Any number of copies may run side by side.
    """

    _name = "veloc.dispatcher"
    _description = "Message dispatcher"

    # === CRON === #

    @api.model
    def _cron_dispatch(self, lane):
        """Send what is due in a lane; several crons may work on the same lane."""
        deadline = time.monotonic() + self._parameter("pass_seconds", DEFAULT_BUDGET)
        cron = self.env["ir.cron"]
        cron._commit_progress()
        while time.monotonic() < deadline:
            taken, batch = self._claim(lane)
            cron._commit_progress(taken - len(batch))
            if not taken and not self._wait_for_slowed(lane, deadline):
                return
            if batch:
                self._send(batch, deadline)
        self._wake_self(lane)

    @api.model
    def _wake(self, lane):
        """Wake the crons of a lane; they start when the transaction commits."""
        for name in CRONS[lane]:
            self.env.ref(f"veloc_messaging.{name}")._trigger()

    def _wake_self(self, lane):
        """Ask for another pass when this one ended before the work did."""
        cron_id = self.env.context.get("cron_id")
        if cron_id and self._due(lane, 1):
            self.env["ir.cron"].browse(cron_id)._trigger()

    def _wait_for_slowed(self, lane, deadline):
        """Sleep until a slowed account may go on, if that is within this pass."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT min(a.resume_at) FROM veloc_account a
                 WHERE a.state = 'active' AND a.active AND a.resume_at > %(now)s
                   AND EXISTS (SELECT FROM veloc_message m WHERE m.account_id = a.id
                               AND m.lane = %(lane)s AND m.state = 'queued'
                               AND m.next_attempt_at <= a.resume_at)
                """,
                now=fields.Datetime.now(),
                lane=lane,
            )
        )
        self.env["ir.cron"]._commit_progress()
        if not rows[0][0]:
            return False
        pause = (rows[0][0] - fields.Datetime.now()).total_seconds() + 0.1
        if time.monotonic() + pause >= deadline:
            return False
        threading.Event().wait(max(pause, 0.1))
        return True

    # === THE PASS === #

    def _send(self, batch, deadline):
        """Hand a claimed batch to its providers, writing answers as they come."""
        rows = {row["id"]: row for row, _account, _outgoing in batch}
        lanes = [
            pool.Lane(
                account._get_provider(),
                account.concurrency,
                [
                    pool.Job(row["id"], out, row["start_by"])
                    for row, of, out in batch
                    if of == account
                ],
            )
            for account in dict.fromkeys(account for _row, account, _out in batch)
        ]
        self.env["ir.cron"]._commit_progress()
        for group in pool.run(lanes, deadline):
            self._write_answers(group, rows)
            self.env["ir.cron"]._commit_progress(len(group))

    def _read_committed(self):
        """See the newest rows, and wait for a lock instead of failing on it.

        Only the first statement of a transaction may say so. (In a test the
        transaction has always begun.)
        """
        cr = self.env.cr
        if cr._cnx.get_transaction_status() == TRANSACTION_STATUS_IDLE:
            cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")

    def _parameter(self, name, default):
        # sudo: limits of the sending, no secrets.
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        value = parameters_sudo.get_param(f"veloc_messaging.{name}", "")
        return int(value) if value.isdigit() else default
