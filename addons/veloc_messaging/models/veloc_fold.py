import logging
import threading
import time

from odoo import api, fields, models
from odoo.tools import SQL

from ..providers import base, errors, registry
from ..rules import message_state, opt_out, phone_variants, provider_event

_logger = logging.getLogger(__name__)

BATCH = 500
PASS_SECONDS = 20
# The two receipts of an SMS are often less than this apart.
LINGER = 0.3


class VelocFold(models.AbstractModel):
    """Makes sense of provider events: receipts move messages, words stop them.

    Receipts come late, twice and out of order. Whole batches are folded with a fixed
    number of queries; an event that breaks a batch is set aside alone.
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
        # A receipt does not wake a job that runs: look once more before ending.
        while found and time.monotonic() < deadline:
            while count := self._fold_batch():
                cron._commit_progress(count)
            cron._commit_progress()
            threading.Event().wait(LINGER)
            found = count = self._fold_batch()
            cron._commit_progress(count)

    @api.model
    def _fold_batch(self):
        """Fold one batch; return its size. The caller commits."""
        self.env["veloc.dispatcher"]._read_committed()
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM veloc_provider_event WHERE state = 'received' "
                "ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED",
                BATCH,
            )
        )
        events = self.env["veloc.provider.event"].browse(row[0] for row in rows)
        try:
            with self.env.cr.savepoint():
                self._fold(events)
        except Exception:
            _logger.exception("Folding events one by one: %s", events.ids)
            self._fold_one_by_one(events)
        return len(events)

    def _fold_one_by_one(self, events):
        for event in events:
            try:
                with self.env.cr.savepoint():
                    self._fold(event)
            except Exception as error:
                _logger.exception("Provider event %s not understood", event.id)
                self._finish(
                    {event.id: ("not_understood", {"error": repr(error)[:200]})}
                )

    @api.model
    def _fold(self, events):
        parsed = {event.id: self._parse(event) for event in events}
        kinds = {kind: events.browse() for kind in provider_event.KINDS}
        for event in events:
            kinds[parsed[event.id].kind] += event
        outcome = {
            event.id: ("not_understood", {"error": "unknown_shape"})
            for event in kinds["other"] + kinds["preference"] + kinds["template"]
        }
        outcome.update(self._fold_receipts(kinds["status"], parsed))
        outcome.update(self._fold_inbound(kinds["inbound"], parsed))
        self._finish(outcome)

    def _parse(self, event):
        """Return what a stored event says; each stored piece holds one."""
        kind = registry.kinds().get(event.provider)
        found = kind.webhook.parse(event.payload or "") if kind and kind.webhook else []
        return found[0] if len(found) == 1 else provider_event.Event("other", "")

    # === RECEIPTS === #

    def _fold_receipts(self, events, parsed):
        """Move the messages these receipts are about; return outcomes by event id."""
        found = self._find_messages(events, parsed)
        messages = self.env["veloc.message"].browse(sorted(set(found.values())))
        messages._lock()
        messages.invalidate_recordset(flush=False)
        reports = {}
        outcome = {}
        for event in events:
            receipt = parsed[event.id]
            state = message_state.from_provider(receipt.status)
            message_id = found.get(event.id)
            values = {"message_id": message_id}
            if not message_id:
                outcome[event.id] = ("ignored", {"error": "unknown_message"})
            elif not state:
                outcome[event.id] = ("not_understood", values | {"error": "status"})
            elif not self._is_about(messages.browse(message_id), receipt):
                outcome[event.id] = ("ignored", values | {"error": "earlier_send"})
            else:
                reports.setdefault(message_id, []).append((state, receipt))
                outcome[event.id] = ("folded", values)
        self._apply_reports(messages, reports)
        return outcome

    def _find_messages(self, events, parsed):
        """Return {event id: message id}, by our reference or the provider's."""
        if not events:
            return {}
        references = [event.reference for event in events if event.reference]
        refs = [parsed[event.id].provider_ref for event in events]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, account_id, reference, provider_ref FROM veloc_message
                 WHERE reference = ANY(%s) OR provider_ref = ANY(%s)
                """,
                references,
                refs,
            )
        )
        known = {}
        for id_, account_id, reference, provider_ref in rows:
            known[account_id, "ours", reference] = id_
            known[account_id, "theirs", provider_ref] = id_
        found = {}
        for event in events:
            account_id = event.account_id.id
            theirs = (account_id, "theirs", parsed[event.id].provider_ref)
            ours = (account_id, "ours", event.reference)
            found[event.id] = known.get(theirs) or known.get(ours)
        return {
            event_id: message_id for event_id, message_id in found.items() if message_id
        }

    def _is_about(self, message, receipt):
        """A receipt with another provider id is about an earlier send."""
        return message.provider_ref in (False, receipt.provider_ref)

    def _apply_reports(self, messages, reports):
        plan, conflicts = {}, []
        for message_id, items in reports.items():
            message = messages.browse(message_id)
            state, conflict = message_state.fold(message.state, [s for s, _r in items])
            if conflict:
                conflicts.append(message_id)
            if state != message.state:
                values = self._prepare_receipt(
                    state, items, message.account_id.provider
                )
                plan.setdefault(state, {})[message_id] = values
        for state, each in plan.items():
            messages.browse(each)._move(state, each=each, lease_until=None)
        if conflicts:
            messages.browse(conflicts).write({"has_conflict": True})
        self._suppress(messages, reports)

    def _prepare_receipt(self, state, items, provider):
        receipt = next(r for s, r in reversed(items) if s == state)
        failed = state in message_state.RETRYABLE
        code = receipt.error_code
        kind = errors.of_callback(provider, code) if failed else None
        return {
            "provider_ref": receipt.provider_ref,
            "failure_class": kind,
            "failure_code": (str(code) if code else receipt.status) if failed else None,
            "failure_detail": None,
        }

    def _suppress(self, messages, reports):
        by_channel = {}
        for message_id, items in reports.items():
            message = messages.browse(message_id)
            for state, receipt in items:
                if state in message_state.RETRYABLE and (
                    errors.of_callback(message.account_id.provider, receipt.error_code)
                    == base.SUPPRESS
                ):
                    people = by_channel.setdefault(message.channel, set())
                    people.add(message.partner_id.id)
        for channel, partner_ids in by_channel.items():
            self.env["veloc.suppression"]._impose(
                list(partner_ids), "channel_blocked", channel=channel, source="provider"
            )

    # === INCOMING MESSAGES === #

    def _fold_inbound(self, events, parsed):
        """Match senders to people and act on opt-out words."""
        people = self._find_people({parsed[event.id].sender for event in events})
        last_words = {}
        stops = {}
        outcome = {}
        for event in events:
            incoming = parsed[event.id]
            partner_ids = people.get(incoming.sender, [])
            word = incoming.opt_out or self._word(incoming.texts)
            state, error = "folded", None
            if not partner_ids:
                state = "not_understood" if word == "stop" else "ignored"
                error = "unknown_sender"
            for partner_id in partner_ids if word in ("stop", "start") else ():
                last_words[partner_id, incoming.channel] = word
                if word == "stop":
                    stops.setdefault(incoming.channel, {})[partner_id] = event.event_key
            outcome[event.id] = (
                state,
                {
                    "partner_id": partner_ids[0] if len(partner_ids) == 1 else None,
                    "word": word,
                    "error": error,
                    "channel": incoming.channel,
                },
            )
        self._stop(stops)
        self._start(last_words)
        return outcome

    def _word(self, texts):
        return next(filter(None, map(opt_out.classify, texts)), None)

    def _find_people(self, senders):
        """Return {sender: partner ids}: everybody who has that number."""
        spellings = {
            spelling: sender
            for sender in senders
            for spelling in phone_variants.variants(sender)
        }
        if not spellings:
            return {}
        self.env["res.partner"].flush_model(["phone_sanitized"])
        people = {}
        for partner_id, number in self.env.execute_query(
            SQL(
                "SELECT id, phone_sanitized FROM res_partner "
                "WHERE phone_sanitized = ANY(%s) ORDER BY id",
                list(spellings),
            )
        ):
            people.setdefault(spellings[number], []).append(partner_id)
        return people

    def _stop(self, stops):
        """Record a revocation and an opt-out for everybody who said stop."""
        for channel, by_partner in stops.items():
            partner_ids = list(by_partner)
            evidence = ", ".join(sorted(set(by_partner.values())))[:500]
            self.env["veloc.consent"]._revoke_channel(
                partner_ids, channel, "stop_word", evidence
            )
            self.env["veloc.suppression"]._impose(
                partner_ids, "opt_out", channel=channel, source="stop_word"
            )

    def _start(self, last_words):
        """Lift the opt-out of those whose last word was "start".

        It grants nothing: consent was revoked and must be given anew.
        """
        by_channel = {}
        for (partner_id, channel), word in last_words.items():
            if word == "start":
                by_channel.setdefault(channel, []).append(partner_id)
        for channel, partner_ids in by_channel.items():
            # Also a block that we learned from the provider: its list ends as well.
            for kind in ("opt_out", "channel_blocked"):
                self.env["veloc.suppression"]._lift(
                    partner_ids, kind, source="start_word", channel=channel
                )

    # === END === #

    def _finish(self, outcome):
        """Write what became of the events, in one statement."""
        if not outcome:
            return
        names = ("message_id", "partner_id", "word", "error", "channel")
        rows = [
            SQL("(%s)", SQL(", ").join([id_, state, *(values.get(n) for n in names)]))
            for id_, (state, values) in outcome.items()
        ]
        self.env.cr.execute(
            SQL(
                """
                UPDATE veloc_provider_event e
                   SET state = v.state, message_id = v.message_id::int,
                       partner_id = v.partner_id::int, word = v.word,
                       error = v.error, channel = COALESCE(v.channel, e.channel),
                       folded_at = %s
                  FROM (VALUES %s)
                    AS v(id, state, message_id, partner_id, word, error, channel)
                 WHERE e.id = v.id
                """,
                fields.Datetime.now(),
                SQL(", ").join(rows),
            )
        )
        self.env["veloc.provider.event"].invalidate_model(flush=False)
