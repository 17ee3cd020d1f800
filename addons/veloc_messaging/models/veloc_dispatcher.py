import logging
import threading
import time
from datetime import timedelta
from random import SystemRandom

from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.veloc_compliance.const import PROMOTIONAL

from ..providers import base, pool
from ..rules import message_state, retry
from ..rules.outbox_item import storable

# A pass starts nothing after this many seconds; the calls in the air may take the
# provider's time-out (20 s) longer. Well below limit_time_real_cron.
DEFAULT_BUDGET = 20
# Rows claimed at once, per thread of the account.
ROWS_PER_THREAD = 16
DEFAULT_LEASE = 120
DEFAULT_SLOW = 2.0
MAX_COOL_DOWN = 600.0

CRONS = {
    "urgent": ("ir_cron_dispatch_urgent",),
    "bulk": ("ir_cron_dispatch_bulk_1", "ir_cron_dispatch_bulk_2"),
}
_jitter = SystemRandom()
_logger = logging.getLogger(__name__)


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

    # === CLAIM === #

    @api.model
    def _claim(self, lane):
        """Take due rows of every account; return how many, and those to send.

        The gate is asked again here: a revocation, self-exclusion or STOP since the
        queueing stops the message. The caller commits.
        """
        self._read_committed()
        now, began = fields.Datetime.now(), pool.clock()
        rows = self._due(lane, ROWS_PER_THREAD, lock=True)
        if not rows:
            return 0, []
        asks = [(row["partner_id"], row["purpose_id"], row["channel"]) for row in rows]
        verdicts = self.env["veloc.contact.gate"]._ask(asks, now)
        go, plan, waits = [], {}, {}
        for row, verdict in zip(rows, verdicts, strict=True):
            self._sort_claimed(row, verdict, now, go, plan, waits)
        for target, each in plan.items():
            messages = self.env["veloc.message"].browse(each)
            messages._move(target, each=each, at=now)
        self._postpone(waits)
        lease = timedelta(seconds=self._parameter("lease", DEFAULT_LEASE))
        each = {row["id"]: {"attempts": row["attempts"] + 1} for row in go}
        self.env["veloc.message"].browse(each)._move(
            message_state.SENDING,
            each=each,
            at=now,
            lease_until=now + lease,
            settled_at=None,
        )
        for row in go:
            # The second half of the lease is for the call itself to end in.
            row.update(sending_at=now, start_by=began + lease.total_seconds() / 2)
        return len(rows), self._prepare_batch(go)

    def _sort_claimed(self, row, verdict, now, go, plan, waits):
        until = row["useful_until"]
        wakes = verdict.until if verdict.outcome == "deferred" else now
        if verdict.outcome == "refused":
            values = {"failure_class": "gate", "failure_code": verdict.reason}
            plan.setdefault(message_state.BLOCKED, {})[row["id"]] = values
        elif until and wakes > until:
            values = {"failure_class": "late", "failure_code": "too_late"}
            plan.setdefault(message_state.EXPIRED, {})[row["id"]] = values
        elif verdict.outcome == "deferred":
            waits[row["id"]] = verdict.until
        else:
            go.append(row)

    def _due(self, lane, per_thread, lock=False):
        """Return due rows as dicts, the same number of turns for every account."""
        self.env["veloc.message"].flush_model()
        self.env["veloc.account"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT m.* FROM veloc_account a
                CROSS JOIN LATERAL (
                    SELECT id, partner_id, purpose_id, channel, account_id, address,
                           subject, body, lang, content_sid, content_variables,
                           reference, attempts, useful_until, next_attempt_at
                      FROM veloc_message
                     WHERE state = 'queued' AND account_id = a.id AND lane = %(lane)s
                       AND next_attempt_at <= %(now)s
                     ORDER BY next_attempt_at, priority, id
                     LIMIT %(per_thread)s * a.concurrency %(lock)s
                ) m
                WHERE a.state = 'active' AND a.active
                  AND (a.resume_at IS NULL OR a.resume_at <= %(now)s)
                """,
                lane=lane,
                now=fields.Datetime.now(),
                per_thread=per_thread,
                lock=SQL("FOR NO KEY UPDATE SKIP LOCKED") if lock else SQL(),
            )
        )
        return self.env.cr.dictfetchall()

    def _postpone(self, waits):
        """Let rows wait until the hours of their people begin."""
        if not waits:
            return
        self.env.cr.execute(
            SQL(
                "UPDATE veloc_message m SET next_attempt_at = v.until::timestamp "
                "FROM (VALUES %s) AS v(id, until) WHERE m.id = v.id",
                SQL(", ").join(SQL("(%s, %s)", *pair) for pair in waits.items()),
            )
        )
        self.env["veloc.message"].invalidate_model(["next_attempt_at"], flush=False)

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

    # === WHAT LEAVES === #

    def _prepare_batch(self, rows):
        """Return ``[(row, account, Outgoing)]`` for claimed rows."""
        accounts = self.env["veloc.account"].browse({r["account_id"] for r in rows})
        headers = self._prepare_headers(rows)
        return [
            (row, account, self._prepare_outgoing(row, account, headers.get(row["id"])))
            for account in accounts
            for row in rows
            if row["account_id"] == account.id
        ]

    def _prepare_outgoing(self, row, account, headers):
        until = row["useful_until"]
        url = self.env["veloc.contact.gate"]._public_url()
        callback = f"{url}/veloc/webhook/twilio/{account.code}/{row['reference']}"
        return base.Outgoing(
            reference=row["reference"],
            to=row["address"],
            body=row["body"],
            subject=row["subject"] or "",
            sender=account.sender or "",
            status_callback=callback if account.provider == "twilio" else "",
            headers=headers or (),
            content_sid=row["content_sid"] or "",
            content_variables=row["content_variables"] or "",
            lang=row["lang"] or "",
            useful_for=until and (until - fields.Datetime.now()).total_seconds(),
        )

    def _prepare_headers(self, rows):
        """One-click unsubscribe (RFC 8058) for promotional e-mail, by row id."""
        headers = {}
        letters = [row for row in rows if row["channel"] == "email"]
        purposes = self.env["veloc.purpose"].browse({r["purpose_id"] for r in letters})
        for purpose in purposes.filtered(lambda p: p.kind in PROMOTIONAL):
            of_purpose = [r for r in letters if r["purpose_id"] == purpose.id]
            partners = self.env["res.partner"].browse(
                {row["partner_id"] for row in of_purpose}
            )
            urls = partners._veloc_unsubscribe_url(purpose, "email")
            for row in of_purpose:
                headers[row["id"]] = (
                    ("List-Unsubscribe", f"<{urls[row['partner_id']]}>"),
                    ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
                )
        return headers

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

    # === ANSWERS === #

    def _write_answers(self, group, rows):
        """Write what became of some sends; the caller commits at once."""
        self._read_committed()
        now = fields.Datetime.now()
        messages = self.env["veloc.message"].browse(key for key, _result in group)
        group = self._drop_stale(group, rows, messages._lock())
        plan = {}
        for key, result in group:
            step = self._next_step(rows[key], result, now)
            values = self._prepare_answer(rows[key], result, step)
            plan.setdefault(step.state, {})[key] = values
        for target, each in plan.items():
            messages.browse(each)._move(target, each=each, at=now, lease_until=None)
        self._tell_accounts(group, rows, now)
        self._suppress(group, rows)

    def _drop_stale(self, group, rows, sending_at):
        """Leave out answers to calls that outlived their lease and were repeated.

        The row is about another call by now, which may still be in the air.
        """
        stale = {key for key, _r in group if sending_at[key] != rows[key]["sending_at"]}
        if stale:
            _logger.error("Answers came after the lease of messages %s", sorted(stale))
        return [pair for pair in group if pair[0] not in stale]

    def _next_step(self, row, result, now):
        # The account refuses this recipient only: no use in trying again.
        alone = result.kind == base.CONFIG and not result.whole_account
        return retry.after_answer(
            base.PERMANENT if alone else result.kind,
            now=now,
            attempts=row["attempts"] + 1,
            useful_until=row["useful_until"],
            retry_after=result.retry_after,
            status=result.status,
            jitter=_jitter.random(),
        )

    def _prepare_answer(self, row, result, step):
        went = result.kind in {base.ACCEPTED, base.NOT_STARTED}
        late = step.state == message_state.EXPIRED
        return {
            "attempts": row["attempts"] + step.counts,
            "next_attempt_at": step.at or row["next_attempt_at"],
            "provider_ref": storable(result.provider_ref) or None,
            "failure_class": "late" if late else None if went else result.kind,
            "failure_code": None if went else storable(result.code[:60]) or None,
            "failure_detail": None if went else storable(result.detail) or None,
        }

    def _tell_accounts(self, group, rows, now):
        """Pause an account that was refused as a whole; slow one that was too fast."""
        accounts = self.env["veloc.account"]
        # By account, so that two jobs never wait for each other's account.
        for key, result in sorted(group, key=lambda pair: rows[pair[0]]["account_id"]):
            account = accounts.browse(rows[key]["account_id"])
            if result.kind == base.CONFIG and result.whole_account:
                account._pause(storable(f"{result.code} {result.detail}").strip())
            elif result.kind in {base.SLOW, base.NOT_STARTED}:
                wait = result.retry_after
                if result.kind == base.SLOW:
                    wait = wait or DEFAULT_SLOW
                if wait:
                    seconds = min(wait, MAX_COOL_DOWN)
                    account._slow_down(now + timedelta(seconds=seconds))

    def _suppress(self, group, rows):
        """Remember who the provider says must not be written to any more."""
        by_channel = {}
        for key, result in group:
            if result.kind == base.SUPPRESS:
                row = rows[key]
                by_channel.setdefault(row["channel"], set()).add(row["partner_id"])
        for channel, partner_ids in by_channel.items():
            self.env["veloc.suppression"]._impose(
                list(partner_ids), "channel_blocked", channel=channel, source="provider"
            )
