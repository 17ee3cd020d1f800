from odoo import fields, models
from odoo.tools import SQL

from ..providers import errors
from ..rules import message_state, receipts

CLEARED = {"failure_class": None, "failure_code": None, "failure_detail": None}


class VelocFold(models.AbstractModel):
    """Delivery reports: what they do to messages, people and accounts."""

    _inherit = "veloc.fold"

    def _fold_receipts(self, items):
        """Move the messages these receipts are about; return outcomes by event id."""
        if not items:
            return {}
        plan = receipts.plan(items, self._lock_messages(items))
        for state, pairs in plan.moves.items():
            self._apply_moves(state, pairs, plan.passed)
        if plan.conflicts:
            messages = self.env["veloc.message"].browse(plan.conflicts)
            messages.write({"has_conflict": True})
            # Given up, and delivered: what stands in for it is not needed.
            messages.filtered(
                lambda m: m.state in message_state.RETRYABLE
            )._call_stand_ins_back()
        self.env["veloc.message"]._write_prices(plan.prices)
        self._apply_failures(plan.failures)
        return plan.outcomes | self._fold_lost(items, plan.outcomes)

    def _fold_lost(self, items, outcomes):
        """Hear of sends that were given up and arrived; return their outcomes."""
        about = {
            (item.account_id, item.provider_ref): item.id
            for item in items
            if outcomes[item.id][0] == receipts.IGNORED
            and item.provider_ref
            and message_state.from_provider(item.status or "") in message_state.ARRIVED
        }
        found = self.env["veloc.message"]._arrived_after_all(about)
        return {
            about[pair]: (receipts.FOLDED, None, message_id)
            for pair, message_id in found.items()
        }

    def _lock_messages(self, items):
        """Find what may be meant, by our reference or the provider's, and hold it.

        One statement, always in the same order: two folds wait for each other but
        never for ever, and the second sees what the first wrote.
        """
        self.env["veloc.message"].flush_model()
        self.env["veloc.account"].flush_model(["provider"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT m.id, m.account_id, m.reference, m.provider_ref, m.state,
                       m.partner_id, m.channel, a.provider
                  FROM veloc_message m LEFT JOIN veloc_account a ON a.id = m.account_id
                 WHERE m.reference = ANY(%s) OR m.provider_ref = ANY(%s)
                 ORDER BY m.id FOR NO KEY UPDATE OF m
                """,
                list({item.reference for item in items if item.reference}),
                list({item.provider_ref for item in items if item.provider_ref}),
            )
        )
        return [receipts.Known._make(row) for row in rows]

    def _apply_moves(self, state, pairs, passed):
        """Move messages; those that learn nothing but times go the short way.

        What was reached on the way there keeps its time: one move for both receipts.
        """
        now = fields.Datetime.now()
        stamps = message_state.STAMPS
        groups = {}
        for message, receipt in pairs:
            moments = {stamps[state]: receipt.at or now}
            for other, earlier in passed.get(message.id, {}).items():
                moments[stamps[other]] = earlier.at or now
            is_short = state not in message_state.RETRYABLE and message.provider_ref
            if not is_short:
                moments |= self._prepare_receipt(state, message, receipt)
            group = groups.setdefault((bool(is_short), *moments), {})
            group[message.id] = moments
        for (is_short, *_columns), each in groups.items():
            values = CLEARED if is_short else {}
            messages = self.env["veloc.message"].browse(each)
            moved = messages._move(state, each=each, lease_until=None, **values)
            if state in message_state.RETRYABLE:
                self.env["veloc.fallback"]._offer(moved)

    def _prepare_receipt(self, state, message, receipt):
        values = {
            "provider_ref": receipt.provider_ref or message.provider_ref,
            **CLEARED,
        }
        if state in message_state.RETRYABLE:
            code = receipt.error_code
            values.update(
                failure_class=errors.of_callback(message.provider, code),
                failure_code=receipt.status if code is None else str(code),
                failure_detail=receipt.error_detail or None,
            )
        return values

    def _apply_failures(self, failures):
        """Let people and accounts bear what a failure means for them."""
        if not failures:
            return
        items = [
            {
                "partner_id": message.partner_id,
                "channel": message.channel,
                "account_id": message.account_id,
                "code": receipt.error_code,
                "found": errors.consequence(message.provider, receipt.error_code),
            }
            for message, receipt in failures
        ]
        consequences = self.env["veloc.provider.consequence"]
        consequences._for_people(items, fields.Datetime.now())
        consequences._for_accounts(items, fields.Datetime.now())
