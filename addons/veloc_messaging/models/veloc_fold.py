import logging
import threading
import time
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ..providers import registry
from ..rules import provider_event
from ..rules.receipts import FOLDED, NOT_UNDERSTOOD, Receipt

_logger = logging.getLogger(__name__)

BATCH = 4000
PASS_SECONDS = 20
# The two receipts of an SMS are often less than this apart.
LINGER = 0.3
# What an event may say about itself once it is folded, and the type of the column.
OUTCOME = {
    "state": "varchar",
    "error": "varchar",
    "partner_id": "int",
    "word": "varchar",
    "channel": "varchar",
}


class Rest(NamedTuple):
    """What a stored event has besides what a receipt says."""

    kind: str
    provider: str
    event_key: str
    payload: str | None


class VelocFold(models.AbstractModel):
    """Makes sense of provider events: receipts move messages, words stop them.

    Receipts come late, twice and out of order. Whole batches are folded with a fixed
    number of queries; an event that breaks a batch is set aside alone. Any number of
    copies may run side by side.
    """

    _name = "veloc.fold"
    _description = "Folding of provider events"

    @api.model
    def _cron_fold(self):
        """Fold everything that was received."""
        cron = self.env["ir.cron"]
        cron._commit_progress()
        deadline = time.monotonic() + PASS_SECONDS
        found = True
        # Who stored a receipt as this job started may have taken it for waiting
        # still, and have called nobody: look once more before ending.
        while found:
            while (count := self._fold_batch()) and time.monotonic() < deadline:
                cron._commit_progress(count)
            cron._commit_progress(count)
            threading.Event().wait(LINGER)
            found = count = self._fold_batch()
            cron._commit_progress(count)
            if found and time.monotonic() >= deadline:
                # Others have their turn; what is left does not wait for the interval.
                cron._commit_progress(remaining=1)
                return

    @api.model
    def _fold_batch(self):
        """Fold one batch; return its size. The caller commits."""
        self.env["veloc.dispatcher"]._read_committed()
        rows = self._claim()
        if not rows:
            return 0
        try:
            with self.env.cr.savepoint():
                self._fold(rows)
        except Exception:
            _logger.exception("Folding %s events one by one", len(rows))
            self._fold_one_by_one(rows)
        return len(rows)

    def _claim(self):
        """Return waiting events, held until the commit; others take other ones.

        Each is a Receipt and the Rest that only other events need.
        """
        self.env["veloc.provider.event"].flush_model()
        rows = self.env.execute_query(
            SQL(
                # A receipt says in its columns what matters; only the rest is read.
                """
                SELECT id, account_id, reference, provider_ref, status, error_code,
                       error_detail, price_category, is_billable, occurred_at,
                       received_at, kind, provider, event_key,
                       CASE WHEN kind = 'status' AND provider_ref IS NOT NULL
                            THEN NULL ELSE payload END AS payload
                  FROM veloc_provider_event WHERE state = 'received'
                 ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
                """,
                BATCH,
            )
        )
        return [(Receipt._make(row[:11]), Rest._make(row[11:])) for row in rows]

    def _fold_one_by_one(self, rows):
        for row in rows:
            try:
                with self.env.cr.savepoint():
                    self._fold([row])
            except Exception as error:
                id_ = row[0].id
                _logger.exception("Provider event %s not understood", id_)
                outcome = {"state": NOT_UNDERSTOOD, "error": repr(error)[:200]}
                self._finish({id_: outcome})

    @api.model
    def _fold(self, rows):
        """Fold claimed rows, kind by kind."""
        kinds = {kind: [] for kind in provider_event.KINDS}
        receipts = []
        for receipt, rest in rows:
            if rest.kind == provider_event.STATUS and receipt.provider_ref:
                receipts.append(receipt)
                continue
            event = self._parse(rest)
            if event.kind == provider_event.STATUS:
                receipts.append(self._read_again(receipt, event))
            else:
                kinds[event.kind].append((receipt, rest, event))
        self._finish_receipts(self._fold_receipts(receipts))
        outcome = self._fold_others(kinds[provider_event.OTHER])
        outcome.update(self._fold_inbound(kinds[provider_event.INBOUND]))
        outcome.update(self._fold_preferences(kinds[provider_event.PREFERENCE]))
        outcome.update(self._fold_templates(kinds[provider_event.TEMPLATE]))
        self._finish(outcome)

    def _parse(self, rest):
        """Return what a stored event says; each stored piece holds one."""
        kind = registry.kinds().get(rest.provider)
        webhook = kind and kind.webhook
        found = webhook.parse(rest.payload or "") if webhook else []
        if len(found) == 1:
            return found[0]
        return provider_event.Event(provider_event.OTHER, rest.event_key)

    def _read_again(self, receipt, event):
        """Return the receipt of an event that was stored without its columns."""
        return receipt._replace(
            reference=event.reference or receipt.reference,
            provider_ref=event.provider_ref,
            status=event.status,
            error_code=event.error_code,
            error_detail=event.error_detail,
            price_category=event.price_category,
            is_billable=event.is_billable,
            occurred_at=event.at,
        )

    # === OTHER EVENTS === #

    def _fold_others(self, items):
        """Hook: return what becomes of events that are of no kind of ours."""
        return {
            receipt.id: {"state": NOT_UNDERSTOOD, "error": "unknown_shape"}
            for receipt, _rest, _event in items
        }

    def _fold_templates(self, items):
        """Pass on what became of templates that were handed in for approval."""
        if items:
            events = [event for _receipt, _rest, event in items]
            self.env["veloc.template.body"]._on_submission(events)
        return {receipt.id: {"state": FOLDED} for receipt, *_rest in items}

    # === END === #

    def _finish_receipts(self, outcomes):
        """Write what became of receipts, in one statement per outcome."""
        by_outcome = {}
        for id_, (state, error, message_id) in outcomes.items():
            ids, messages = by_outcome.setdefault((state, error), ([], []))
            ids.append(id_)
            messages.append(message_id)
        for (state, error), (ids, messages) in by_outcome.items():
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE veloc_provider_event e
                       SET state = %s, error = %s, message_id = v.message_id,
                           folded_at = %s
                      FROM unnest(%s::int[], %s::int[]) AS v(id, message_id)
                     WHERE e.id = v.id
                    """,
                    state,
                    error,
                    fields.Datetime.now(),
                    ids,
                    messages,
                )
            )
        self.env["veloc.provider.event"].invalidate_model(flush=False)

    def _finish(self, outcome):
        """Write what became of other events, in one statement."""
        if not outcome:
            return
        columns = [
            SQL(
                "%s::%s[]",
                [values.get(name) for values in outcome.values()],
                SQL(type_),  # pylint: disable=sql-injection
            )
            for name, type_ in OUTCOME.items()
        ]
        self.env.cr.execute(
            SQL(
                """
                UPDATE veloc_provider_event e
                   SET state = v.state, partner_id = v.partner_id,
                       word = v.word, error = v.error, folded_at = %s,
                       channel = COALESCE(v.channel, e.channel)
                  FROM unnest(%s::int[], %s) AS v(id, %s)
                 WHERE e.id = v.id
                """,
                fields.Datetime.now(),
                list(outcome),
                SQL(", ").join(columns),
                SQL(", ").join(map(SQL.identifier, OUTCOME)),
            )
        )
        self.env["veloc.provider.event"].invalidate_model(flush=False)
