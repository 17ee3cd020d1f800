from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..providers import pool
from ..rules import message_state

# Rows claimed at once, per thread of the account.
ROWS_PER_THREAD = 16
DEFAULT_LEASE = 120


class VelocDispatcher(models.AbstractModel):
    """What a pass takes from the outbox, and what the gate and the house say to it."""

    _inherit = "veloc.dispatcher"

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
        go = self._ask_house(go, now, plan, waits)
        for target, each in plan.items():
            messages = self.env["veloc.message"].browse(each)
            moved = messages._move(target, each=each, at=now)
            self.env["veloc.fallback"]._offer(moved)
        self._postpone(waits)
        lease = timedelta(seconds=self._parameter("lease", DEFAULT_LEASE))
        each = {row["id"]: {"attempts": row["attempts"] + 1} for row in go}
        self.env["veloc.message"].browse(each)._move(
            message_state.SENDING,
            each=each,
            at=now,
            lease_until=now + lease,
            settled_at=None,
            hold_reason=None,
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
            waits[row["id"]] = (verdict.until, verdict.reason)
        else:
            go.append(row)

    def _ask_house(self, rows, now, plan, waits):
        """Sort out what the house itself refuses or holds; return what may go."""
        refused = self._refusals(rows, now) if rows else {}
        for id_, (kind, code) in refused.items():
            values = {"failure_class": kind, "failure_code": code}
            plan.setdefault(message_state.BLOCKED, {})[id_] = values
        rows = [row for row in rows if row["id"] not in refused]
        holds = self._holds(rows, now) if rows else {}
        for row in rows:
            if hold := holds.get(row["id"]):
                self._sort_held(row, *hold, plan, waits)
        return [row for row in rows if row["id"] not in holds]

    def _sort_held(self, row, until, reason, plan, waits):
        """Let a row wait, unless it is of no use by then."""
        if row["useful_until"] and until > row["useful_until"]:
            values = {"failure_class": "late", "failure_code": reason}
            plan.setdefault(message_state.EXPIRED, {})[row["id"]] = values
        else:
            waits[row["id"]] = (until, reason)

    def _refusals(self, rows, now):
        """Hook: return ``{row id: (failure class, code)}`` of what will not be sent.

        Rows are dicts of columns; the gate has allowed them. Constant queries.
        """
        return {}

    def _holds(self, rows, now):
        """Hook: return ``{row id: (until, reason)}`` of what has to wait.

        Asked about rows that are neither refused by the gate nor by ``_refusals``.
        """
        return {}

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
                           template_name, key, lane, priority, source,
                           template_version_id, company_id,
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
                "UPDATE veloc_message m SET next_attempt_at = v.until, "
                "hold_reason = v.reason FROM unnest(%s::int[], %s::timestamp[], "
                "%s::varchar[]) AS v(id, until, reason) WHERE m.id = v.id",
                list(waits),
                [until for until, _reason in waits.values()],
                [reason for _until, reason in waits.values()],
            )
        )
        self.env["veloc.message"].invalidate_model(flush=False)
