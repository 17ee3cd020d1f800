"""The one way in for what traders did: a batch, in one transaction.

The number of queries does not depend on the number of events. Order of locks, the
same for everybody: event keys (sorted), the lock on new traders, traders (sorted).
"""

import json
from contextlib import contextmanager
from datetime import UTC
from decimal import Decimal
from operator import itemgetter

from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..rules import event_schema, person
from ..rules.batch import Known, read_batch
from ..rules.event_schema import INTRODUCING
from ..rules.money import Rates

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
        batch = read_batch(source, events, fields.Datetime.now())
        self._find_traders(batch)
        self.env["veloc.ingest.people"]._refuse_erased(batch)
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
        self._find_rates(batch)
        self.env["veloc.ingest.people"]._check_consents(batch)
        self._claim_ids(batch)
        if batch.ids:
            self._store(batch, wake)
        return batch

    @api.model
    def _store(self, batch, wake):
        """Store the new events and let everything that depends on them follow."""
        people = self.env["veloc.ingest.people"]
        people._introduce(batch)
        fold = self.env["veloc.ingest.fold"]
        standings = fold._lock_traders(batch)
        self._insert_raw(batch)
        fold._fold(batch, standings)
        people._record_wishes(batch)
        self._forget_caches()
        if wake:
            self.env["veloc.cadence.engine"]._on_events(self._prepare_touched(batch))

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

    # === STORE === #

    @api.model
    def _claim_ids(self, batch):
        """Give the events nobody sent before a row id; sorted, so nobody deadlocks."""
        rows = self.env.execute_query(
            SQL(
                """
                WITH given AS (
                    SELECT external_id, nextval('veloc_trader_event_id_seq') AS id
                    FROM unnest(%s::varchar[]) WITH ORDINALITY AS t (external_id, n)
                    ORDER BY n
                )
                INSERT INTO veloc_trader_event_key (source, external_id, event_id)
                SELECT %s, external_id, id FROM given ORDER BY external_id
                ON CONFLICT DO NOTHING RETURNING external_id, event_id
                """,
                [event.id for event in batch.events],
                batch.source,
            )
        )
        batch.claim(dict(rows))

    @api.model
    def _insert_raw(self, batch):
        """Write the rows in one statement: the server expands one JSON parameter."""
        rows = []
        for event in batch.new_events:
            known = batch.known[event.trader]
            rows.append(
                {
                    "id": batch.ids[event.id],
                    "at": event.at.isoformat(),
                    "trader_id": known.trader_id,
                    "company_id": known.company_id,
                    "type": event.type,
                    "is_known": event.is_known,
                    "external_id": event.id,
                    "amount": event.amount,
                    "currency": event.currency,
                    "amount_company": batch.company_amount(event),
                    "data": event.stored_data,
                }
            )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO veloc_trader_event_raw (
                    id, at, trader_id, company_id, type, is_known, source, external_id,
                    amount, currency, amount_company, data, received_at)
                SELECT id, at, trader_id, company_id, type, is_known, %s, external_id,
                       amount, currency, amount_company, data::jsonb, %s
                FROM json_to_recordset(%s::json) AS r (
                    id bigint, at timestamp, trader_id int4, company_id int4,
                    type varchar, is_known boolean, external_id varchar,
                    amount numeric, currency varchar, amount_company numeric, data text)
                """,
                batch.source,
                batch.now,
                json.dumps(rows, default=str),
            )
        )

    @api.model
    def _forget_caches(self):
        """What SQL wrote, the ORM must read again."""
        for name in ("veloc.trader", "veloc.trader.day", "veloc.lifecycle.event"):
            self.env[name].invalidate_model(flush=False)
        self.env["veloc.trader.event"].invalidate_model(flush=False)

    # === ANSWERS === #

    @api.model
    def _prepare_touched(self, batch):
        """Return the new events as the cadence engine wants them, oldest first."""
        touched = []
        own = self.env.company.currency_id.name
        for event in batch.new_events:
            known = batch.known[event.trader]
            variables = {"reference": event.id, "event_at": _iso(event.at)}
            if event.amount is not None:
                variables["amount"] = str(event.amount)
                variables["currency"] = event.currency or own
            if event.stored_data:
                variables = {**json.loads(event.stored_data), **variables}
            touched.append(
                {
                    "trader_id": known.trader_id,
                    "partner_id": known.partner_id,
                    "type": event.type,
                    "at": event.at,
                    "event_id": batch.ids[event.id],
                    "external_id": event.id,
                    "is_introducing": event.type in INTRODUCING,
                    "variables": variables,
                }
            )
        return sorted(touched, key=itemgetter("at", "event_id"))

    @api.model
    def _prepare_answer(self, batch):
        """Return the contract's answer; ``warnings`` only when there are some."""
        answer = {
            "accepted": len(batch.ids),
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


def _iso(moment):
    return moment.replace(tzinfo=UTC).isoformat()
