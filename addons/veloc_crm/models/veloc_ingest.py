"""The one way in for what traders did: a batch, in one transaction.

The plain majority of events goes by the fast road: read in one loop, counted by a
handful of statements. What introduces, protects or is odd goes by the careful road,
event by event, in the same transaction. The number of queries does not depend on the
number of events. Order of locks, the same for everybody: event keys (sorted), the lock
on new traders, traders (sorted).
"""

from contextlib import contextmanager
from decimal import Decimal
from operator import itemgetter

from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..rules import event_schema, person
from ..rules.batch import Known, read_batch
from ..rules.money import Rates

# By SQL, past the ORM.
WRITTEN = (
    "veloc.trader",
    "veloc.trader.day",
    "veloc.trader.event",
    "veloc.trader.state",
    "veloc.lifecycle.event",
)
MESSAGES = {**event_schema.MESSAGES, **person.MESSAGES}


class VelocIngest(models.AbstractModel):
    """Checks, deduplicates and stores; people and fold do the rest."""

    _name = "veloc.ingest"
    _description = "Event Ingestion"

    @api.model
    def _check_may_ingest(self):
        allowed = self.env.su or self.env.user.has_group("veloc_crm.group_integration")
        if not allowed:
            raise AccessError(
                self.env._("Only a user of the Integration group may send events.")
            )
        # Elevated, the context's companies would be believed; here they are checked.
        self.env.companies  # noqa: B018

    @contextmanager
    def _in_read_committed(self):
        """Yield this model in a transaction where a wait ends with fresh data.

        Two programs that send overlapping batches then wait for one another; under
        REPEATABLE READ the second would fail and be tried again. The request's own
        transaction has already begun, so this is one beside it, committed at the end.
        """
        with self.env.registry.cursor() as cr:
            # A test's cursor is never idle and keeps its mode.
            if cr._cnx.get_transaction_status() == TRANSACTION_STATUS_IDLE:
                cr.execute(
                    "SET TRANSACTION ISOLATION LEVEL READ COMMITTED;SET LOCAL jit = off"
                )
            yield self.with_env(self.env(cr=cr))

    @api.model
    def _run(self, source, events, wake=True):
        """Store the batch and return the answer of the contract."""
        return self._prepare_answer(self._process(source, events, wake))

    @api.model
    def _process(self, source, events, wake=True):
        """Store what is good of the batch and return it with what became of each.

        ``wake=False`` keeps the cadences asleep: history is not news. Raises the
        rule's ``EnvelopeError`` for what is no batch at all.
        """
        own_currency = self.env.company.currency_id.name
        is_careful = self.env.context.get("veloc_careful")
        now = fields.Datetime.now()
        batch = read_batch(source, events, now, None if is_careful else own_currency)
        stage = self.env["veloc.ingest.stage"]
        stage._open(batch)
        if batch.events:
            self._check_careful(batch)
        stage._claim(batch)
        if batch.accepted:
            self._store(batch, wake)
        return batch

    @api.model
    def _check_careful(self, batch):
        """Refuse what is not about somebody we know, in money we know, by consent."""
        people = self.env["veloc.ingest.people"]
        self._find_traders(batch)
        people._refuse_erased(batch)
        self._refuse_strangers(batch)
        self.env["veloc.ingest.amend"]._find_targets(batch)
        self._find_rates(batch)
        people._check_consents(batch)
        # Once more: a sign-up may have been refused since, and with it whom it brings.
        self._refuse_strangers(batch)
        self.env["veloc.ingest.amend"]._check_pending(batch)

    @api.model
    def _refuse_strangers(self, batch):
        """Refuse what is about nobody we know and nobody this batch introduces."""
        known, introduced = batch.known, batch.unknown_refs()
        own = set(self.env.companies.ids)
        batch.keep(
            # Another company's trader is as unknown as one that does not exist.
            lambda e: (
                known[e.trader].company_id in own
                if e.trader in known
                else e.trader in introduced
            ),
            "unknown_trader",
        )

    @api.model
    def _store(self, batch, wake):
        """Store the new events and let everything that depends on them follow."""
        people = self.env["veloc.ingest.people"]
        people._introduce(batch)
        stage, sums = self.env["veloc.ingest.stage"], self.env["veloc.ingest.sums"]
        fold = self.env["veloc.ingest.fold"]
        stage._store(batch)
        sums._sum_up()
        trader_ids, others = fold._lock_traders(batch)
        sums._add_up(batch.now)
        amend = self.env["veloc.ingest.amend"]
        amended = amend._apply(batch)
        moved = fold._move(batch, others)
        if amended:
            moved |= amend._take_back(batch)
        self.env["veloc.ingest.tiers"]._settle(batch.now, amended)
        people._record_wishes(batch)
        self._forget_caches()
        self.env["veloc.segment"]._on_touched(
            trader_ids, batch.now, wake, is_locked=True
        )
        if wake:
            self.env["veloc.ingest.wake"]._wake(moved)

    # === LOOK-UPS === #

    @api.model
    def _find_traders(self, batch):
        """Note which of the batch's traders exist."""
        batch.known.update(self._find_refs({event.trader for event in batch.events}))

    @api.model
    def _find_refs(self, refs):
        """Return ``{ref: Known}`` of those that exist."""
        rows = self.env.execute_query(
            SQL(
                "SELECT external_ref, id, partner_id, company_id FROM veloc_trader"
                " WHERE external_ref = ANY(%s)",
                list(refs),
            )
        )
        return {ref: Known(*ids) for ref, *ids in rows}

    @api.model
    def _find_rates(self, batch):
        """Look up exchange rates, only if somebody used another currency."""
        own = self.env.company.currency_id.name
        foreign = {event.currency for event in batch.events} - {None, own}
        if not foreign:
            return
        table = {}
        for code, day, rate in self.env.execute_query(
            SQL(
                "SELECT c.name, r.name, r.rate::text FROM res_currency_rate r"
                " JOIN res_currency c ON c.id = r.currency_id"
                " WHERE c.name = ANY(%s) AND coalesce(r.company_id, %s) = %s"
                " ORDER BY r.name",
                [*foreign, own],
                self.env.company.root_id.id,
                self.env.company.root_id.id,
            )
        ):
            table.setdefault(code, []).append((day, Decimal(rate)))
        batch.set_factors(Rates(own, table))

    @api.model
    def _forget_caches(self):
        """What SQL wrote, the ORM must read again."""
        for name in WRITTEN:
            self.env[name].invalidate_model(flush=False)

    # === ANSWERS === #

    @api.model
    def _prepare_answer(self, batch):
        """Return the contract's answer; ``warnings`` only when there are some."""
        answer = {
            "accepted": batch.accepted,
            "duplicates": batch.duplicates,
            "rejected": self._with_messages(batch.rejected),
        }
        if batch.warnings:
            answer["warnings"] = self._with_messages(batch.warnings)
        return answer

    @api.model
    def _with_messages(self, notes):
        return [
            {**note, "message": self.env._(MESSAGES[note["code"]])}
            for note in sorted(notes, key=itemgetter("index"))
        ]
