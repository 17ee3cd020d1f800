import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..providers import base, pool, registry
from ..rules import message_state, retry, settling
from ..rules.steady_clock import SteadyClock
from .veloc_dispatcher import OWNER_LOCK
from .veloc_dispatcher_claim import DEFAULT_LEASE

BATCH = 200
DEFAULT_GRACE = 120
# Between two look-ups of the same message, and for how long it is looked up at all.
AGAIN_AFTER = timedelta(minutes=10)
GIVE_UP_AFTER = timedelta(days=3)
# A pass goes on for so long with the settings that an account had when it began.
LAST_PASS = timedelta(minutes=2)
MOVED = "account_changed"
# The passes that live, and hence may have calls in the air.
LIVING = SQL(
    """
    SELECT objid::bigint FROM pg_locks
     WHERE locktype = 'advisory' AND classid = %s AND granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    """,
    OWNER_LOCK,
)
# Since this process began; what it did not see, it does not trust.
_clock = SteadyClock(time.time(), pool.clock())


class VelocSettler(models.AbstractModel):
    """Finds out what became of messages whose answer was lost.

    First the provider's callback may tell; after a grace period the provider is asked.
    A message is sent again only when a complete look-up proves that it never left.
    Time that only the wall clock says has passed counts for nothing: see ADR 8.
    """

    _name = "veloc.settler"
    _description = "Settling of messages in doubt"

    @api.model
    def _cron_settle(self):
        """Put lost sends in doubt, and settle those whose grace is over."""
        cron = self.env["ir.cron"]
        cron._commit_progress()
        while lost := self._claim_lost():
            cron._commit_progress(len(lost))
        while messages := self._claim_doubtful():
            lookups = self._prepare_lookups(messages)
            # Committed first: nobody else looks the same messages up meanwhile.
            cron._commit_progress()
            searches = self._search_providers(lookups)
            self._conclude(messages, searches)
            cron._commit_progress(len(messages))

    # === CLAIM === #

    @api.model
    def _claim_lost(self):
        """Put in doubt what a worker took and never brought back."""
        dispatcher = self.env["veloc.dispatcher"]
        dispatcher._read_committed()
        if self._steady_for() < dispatcher._parameter("lease", DEFAULT_LEASE):
            return self.env["veloc.message"]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM veloc_message
                 WHERE state = 'sending' AND lease_until < %s
                   AND (owner IS NULL OR owner NOT IN (%s))
                 ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
                """,
                fields.Datetime.now(),
                LIVING,
                BATCH,
            )
        )
        messages = self.env["veloc.message"].browse(row[0] for row in rows)
        return messages._move(
            message_state.IN_DOUBT,
            failure_class="in_doubt",
            failure_code="lost",
            lease_until=None,
        )

    @api.model
    def _claim_doubtful(self):
        """Take messages to look up; their time of look-up is set at once."""
        self.env["veloc.dispatcher"]._read_committed()
        now = fields.Datetime.now()
        if not self._is_grace_real():
            return self.env["veloc.message"]
        self.env["veloc.message"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE veloc_message SET settled_at = %(now)s WHERE id IN (
                    SELECT m.id FROM veloc_message m
                      JOIN veloc_account a ON a.id = m.account_id
                     WHERE m.state = 'in_doubt' AND a.provider = ANY(%(able)s)
                       AND m.sending_at BETWEEN %(oldest)s AND %(newest)s
                       AND (m.settled_at IS NULL OR m.settled_at <= %(again)s)
                     ORDER BY m.id LIMIT %(limit)s
                       FOR NO KEY UPDATE OF m SKIP LOCKED)
                RETURNING id
                """,
                # The others are settled by a callback, or by a person.
                able=registry.codes_able_to("lookup"),
                now=now,
                oldest=now - GIVE_UP_AFTER,
                newest=now - self._grace(),
                again=now - AGAIN_AFTER,
                limit=BATCH,
            )
        )
        messages = self.env["veloc.message"].browse(sorted(row[0] for row in rows))
        messages.invalidate_recordset(["settled_at"], flush=False)
        return messages

    # === LOOK-UP === #

    @api.model
    def _settle(self, messages):
        """Look these messages up now, in the transaction of the person who asks."""
        if not all(a._capabilities().lookup for a in messages.account_id):
            raise UserError(
                self.env._(
                    "This provider cannot be asked what became of a message: wait "
                    "for its report, or give the message up."
                )
            )
        searches = self._search_providers(self._prepare_lookups(messages))
        self._conclude(messages, searches)

    def _prepare_lookups(self, messages):
        return [
            (
                message.id,
                message.account_id._get_provider(),
                base.Lookup(
                    reference=message.reference,
                    to=message.address,
                    body=message.body,
                    since=message.sending_at,
                    sender=message.account_id.sender or "",
                    content_sid=message.content_sid or "",
                ),
            )
            for message in messages
        ]

    def _search_providers(self, rows):
        with ThreadPoolExecutor(8, thread_name_prefix="find") as executor:
            futures = {
                key: executor.submit(_find_safely, provider, lookup)
                for key, provider, lookup in rows
            }
            return {key: future.result() for key, future in futures.items()}

    def _conclude(self, messages, searches):
        """Write what the look-ups prove."""
        self.env["veloc.dispatcher"]._read_committed()
        messages._lock()
        now = fields.Datetime.now()
        newest = now - self._grace() if self._is_grace_real() else datetime.min
        cases = [self._case(m, searches[m.id], newest) for m in messages]
        refs = [ref for case in cases for ref, _status in case.sightings]
        self._write_findings(settling.settle(cases, self._adopted(refs)), messages, now)

    def _case(self, message, search, newest):
        """Return what a look-up saw, as far as it can be believed."""
        moved_at = message.account_id.moved_at
        if moved_at and message.sending_at <= moved_at + LAST_PASS:
            # It left from another account or sender than the one that was asked.
            return settling.Case(message.id, (), complete=False, detail=MOVED)
        return settling.Case(
            message.id,
            tuple((seen.provider_ref, seen.status) for seen in search.sightings),
            # A hung request may still arrive: too early, absence proves nothing.
            search.complete and message.sending_at <= newest,
            search.detail,
        )

    def _grace(self):
        dispatcher = self.env["veloc.dispatcher"]
        return timedelta(seconds=dispatcher._parameter("in_doubt_grace", DEFAULT_GRACE))

    def _is_grace_real(self):
        """Return whether the grace went by on a clock that nobody can set."""
        return self._steady_for() >= self._grace().total_seconds()

    def _steady_for(self):
        """Return for how many seconds this machine's wall clock has not jumped."""
        return _clock.steady_for(time.time(), pool.clock())

    def _adopted(self, refs):
        if not refs:
            return set()
        rows = self.env.execute_query(
            SQL(
                "SELECT provider_ref FROM veloc_message WHERE provider_ref = ANY(%s)",
                refs,
            )
        )
        return {row[0] for row in rows}

    # === FINDINGS === #

    def _write_findings(self, findings, messages, now):
        plan = {}
        for message in messages:
            finding = findings[message.id]
            target, values = self._prepare_move(message, finding, now)
            plan.setdefault(target, {})[message.id] = values
        unclear = plan.pop(None, {})
        for target, each in plan.items():
            messages.browse(each)._move(target, each=each, at=now)
        for detail in set(unclear.values()):
            stuck = [key for key, value in unclear.items() if value == detail]
            messages.browse(stuck).write({"failure_detail": detail})
        for lane in set(messages.browse(plan.get("queued", {})).mapped("lane")):
            self.env["veloc.dispatcher"]._wake(lane)

    def _prepare_move(self, message, finding, now):
        """Return the target state and its values; no target when nothing is proved."""
        if finding.kind == settling.ADOPT:
            state = message_state.from_provider(finding.status)
            # A look-up tells that it did not arrive, and seldom why.
            lost = state in message_state.RETRYABLE
            values = {
                "provider_ref": finding.provider_ref,
                "next_attempt_at": message.next_attempt_at,
                "failure_class": base.RETRY if lost else None,
                "failure_code": finding.status if lost else None,
            }
            return state or message_state.ACCEPTED, values
        if finding.kind != settling.ABSENT:
            return None, finding.detail or finding.kind
        step = retry.after_answer(
            base.RETRY,
            now=now,
            attempts=message.attempts,
            useful_until=message.useful_until or None,
            jitter=0.0,
        )
        return step.state, {
            "provider_ref": None,
            "next_attempt_at": step.at or message.next_attempt_at,
            "failure_class": "late" if step.state == "expired" else "retry",
            "failure_code": "never_left",
        }


def _find_safely(provider, lookup):
    """Look up; a bug of the adapter proves nothing and costs nobody else a look."""
    try:
        return provider.find(lookup)
    except Exception as error:  # noqa: BLE001
        return base.Search(detail=type(error).__name__)
