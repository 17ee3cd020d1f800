from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..providers import pool
from ..rules import message_state
from .veloc_dispatcher import rows_ahead

DEFAULT_LEASE = 120
# A longer wait than we ever impose was written by a clock that has jumped back.
LONGEST_REST = timedelta(days=2)
# What the sending needs of a row.
COLUMNS = (
    "id",
    "partner_id",
    "purpose_id",
    "channel",
    "account_id",
    "address",
    "subject",
    "body",
    "lang",
    "content_sid",
    "content_variables",
    "template_name",
    "template_version_id",
    "reference",
    "key",
    "source",
    "lane",
    "priority",
    "attempts",
    "useful_until",
    "next_attempt_at",
    "company_id",
    "worth",
)
# Each walks an index of its own, as long as the query says what the index holds.
BY_TIME = (SQL("next_attempt_at, priority, id"), SQL(""))
# The limit of a portfolio goes to the most valuable first.
BY_WORTH = (SQL("worth DESC, next_attempt_at, id"), SQL("AND channel = 'whatsapp'"))


class VelocDispatcher(models.AbstractModel):
    """What a pass takes from the outbox, and what the gate and the house say to it."""

    _inherit = "veloc.dispatcher"

    # === CLAIM === #

    @api.model
    def _claim(self, lane, rooms=None, owner=None):
        """Take due rows of every account; return how many, and those to send.

        ``rooms`` says how many rows an account may take, where that is known; ``owner``
        is the number of the pass. The gate
        is asked again here: a revocation, self-exclusion or STOP since the queueing
        stops the message. The caller commits.
        """
        self._read_committed()
        now, began = fields.Datetime.now(), pool.clock()
        turns = self._turns(lane, now, rooms or {})
        tokens = self.env["veloc.pace"]._lock(turns, lane, now)
        rows = self._take_due(lane, tokens.limit(turns), now)
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
        self.env["veloc.message"].browse(row["id"] for row in go)._move(
            message_state.SENDING,
            at=now,
            attempts=SQL("attempts + 1"),
            lease_until=now + lease,
            owner=owner,
            settled_at=None,
            hold_reason=None,
        )
        tokens.spend([row["account_id"] for row in go])
        self._spend(go, now)
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
        free = [row for row in rows if row["id"] not in holds]
        holds.update(self._reach_holds(free, now))
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

    def _turns(self, lane, now, rooms):
        """Return ``{account id: how many rows it may take now}``."""
        self.env["veloc.account"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, concurrency FROM veloc_account
                 WHERE state = 'active' AND active
                   AND (resume_at IS NULL OR resume_at <= %(now)s
                        OR resume_at > %(absurd)s)
                 ORDER BY id
                """,
                now=now,
                absurd=now + LONGEST_REST,
            )
        )
        turns = {id_: rooms.get(id_, rows_ahead(threads)) for id_, threads in rows}
        return {id_: room for id_, room in turns.items() if room > 0}

    def _take_due(self, lane, turns, now):
        """Lock due rows, as many of each account as it has turns; return dicts."""
        if not turns:
            return []
        self.env["veloc.message"].flush_model()
        rows = []
        scarce = self._scarce(list(turns))
        for way, ids in ((BY_TIME, turns.keys() - scarce), (BY_WORTH, scarce)):
            if ids:
                few = {id_: turns[id_] for id_ in sorted(ids)}
                self.env.cr.execute(self._claim_query(lane, few, way, now))
                rows += self.env.cr.dictfetchall()
        return rows

    def _scarce(self, account_ids):
        """Return the accounts whose portfolio has a limit."""
        rows = self.env.execute_query(
            SQL(
                "SELECT a.id FROM veloc_account a JOIN veloc_reach_portfolio p "
                "ON p.id = a.portfolio_id AND p.daily_limit > 0 "
                "WHERE a.id = ANY(%s) AND a.channel = 'whatsapp'",
                account_ids,
            )
        )
        return {row[0] for row in rows}

    def _claim_query(self, lane, turns, way, now):
        order, only = way
        return SQL(
            """
                SELECT m.*, a.failures AS account_failures, a.portfolio_id
                  FROM unnest(%(ids)s::int[], %(limits)s::int[]) AS t(id, turns)
                  JOIN veloc_account a ON a.id = t.id
                CROSS JOIN LATERAL (
                    SELECT %(columns)s
                      FROM veloc_message
                     WHERE state = 'queued' AND account_id = t.id AND lane = %(lane)s
                       AND next_attempt_at <= %(now)s %(only)s
                     ORDER BY %(order)s
                     LIMIT t.turns FOR NO KEY UPDATE SKIP LOCKED
                ) m
            """,
            ids=list(turns),
            limits=list(turns.values()),
            columns=SQL(", ").join(map(SQL.identifier, COLUMNS)),
            lane=lane,
            now=now,
            order=order,
            only=only,
        )

    def _is_due(self, lane):
        """Return whether something could be sent in this lane now."""
        due = self._next_due(lane)
        return due is not None and due <= fields.Datetime.now()

    def _next_due(self, lane):
        """Return when the next row of this lane may be sent, None for never."""
        now = fields.Datetime.now()
        found = self._next_times(lane)
        waits = self.env["veloc.pace"]._waits([id_ for id_, _due, _rest in found])
        times = []
        for id_, due, resume_at in found:
            rest = resume_at if resume_at and resume_at < now + LONGEST_REST else due
            pause = now + timedelta(seconds=waits.get(id_) or 0)
            times.append(max(due, rest, pause))
        return min(times, default=None)

    def _next_times(self, lane):
        """Return (id, time of the next row, end of the rest) of working accounts."""
        self.env["veloc.message"].flush_model()
        self.env["veloc.account"].flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT a.id, m.next_attempt_at, a.resume_at FROM veloc_account a
                CROSS JOIN LATERAL (
                    SELECT next_attempt_at FROM veloc_message
                     WHERE state = 'queued' AND account_id = a.id AND lane = %s
                     ORDER BY next_attempt_at, priority, id LIMIT 1
                ) m
                WHERE a.state = 'active' AND a.active
                """,
                lane,
            )
        )

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
