from odoo import models

from ..rules import opt_out
from ..rules.receipts import FOLDED, IGNORED

UNKNOWN = "unknown_sender"
PREFERENCE = "provider_preference"


class VelocFold(models.AbstractModel):
    """What people say: words that stop and start, and everything else they write."""

    _inherit = "veloc.fold"

    # === INCOMING MESSAGES === #

    def _fold_inbound(self, items):
        """Match senders to people, act on words, and thread what was written."""
        if not items:
            return {}
        items = [
            (receipt, rest, event, self._word(receipt, event))
            for receipt, rest, event in items
        ]
        people = self._find_people(items)
        self._act_on_words(items, people)
        self.env["veloc.conversation"]._receive(
            [
                self._prepare_inbound(receipt, event, word, people[receipt.id])
                for receipt, _rest, event, word in items
            ]
        )
        return {
            receipt.id: self._inbound_outcome(event, word, people[receipt.id])
            for receipt, _rest, event, word in items
        }

    def _word(self, receipt, event):
        """Return what the person asked for: stop, start, help or None."""
        if event.opt_out:
            return event.opt_out
        account = self.env["veloc.account"].browse(receipt.account_id)
        ignored = account._ignored_words()
        words = (opt_out.classify(text, ignored) for text in event.texts)
        return next(filter(None, words), None)

    def _find_people(self, items):
        """Return {event id: partner ids}: everybody who has that address."""
        wanted = {}
        for receipt, _rest, event, *_word in items:
            pair = (event.sender, event.sender_id)
            wanted.setdefault(event.channel, {})[receipt.id] = pair
        identities = self.env["veloc.channel.identity"]
        people = {}
        for channel, pairs in wanted.items():
            found = identities._find(channel, list(dict.fromkeys(pairs.values())))
            people |= {id_: found.get(pair, []) for id_, pair in pairs.items()}
        return people

    def _prepare_inbound(self, receipt, event, word, partner_ids):
        return {
            "event_id": receipt.id,
            "account_id": receipt.account_id,
            "channel": event.channel,
            "sender": event.sender,
            "sender_id": event.sender_id,
            "sender_name": event.sender_name,
            "partner_ids": partner_ids,
            "body": event.body or (event.texts[0] if event.texts else ""),
            "media": event.media,
            "provider_ref": event.provider_ref,
            "reply_to": event.reply_to,
            "at": event.at or receipt.received_at,
            "word": word,
        }

    def _inbound_outcome(self, event, word, partner_ids):
        known = bool(partner_ids)
        return {
            # A stop is acted on even when nobody knows who said it.
            "state": FOLDED if known or word == "stop" else IGNORED,
            "error": None if known else UNKNOWN,
            "partner_id": partner_ids[0] if len(partner_ids) == 1 else None,
            "word": word,
            "channel": event.channel,
        }

    # === WORDS === #

    def _act_on_words(self, items, people):
        """Of several words of one person the last one counts; a stop is recorded."""
        last, stops = {}, {}
        strangers = {}
        for receipt, rest, event, word in items:
            if word not in ("stop", "start"):
                continue
            if not people[receipt.id]:
                address = event.sender or event.sender_id
                told = (word, rest.event_key, self._said_at(receipt, event))
                strangers[event.channel, address] = told
            for partner_id in people[receipt.id]:
                if word == "start" and not self._is_of(receipt, partner_id):
                    continue
                said_at = self._said_at(receipt, event)
                last[partner_id, event.channel] = (word, said_at)
                if word == "stop":
                    said = stops.setdefault(event.channel, {})
                    said[partner_id] = rest.event_key
        self._stop(stops)
        self._start(last)
        self._act_on_strangers(strangers)

    def _said_at(self, receipt, event):
        """Return when it was said: a provider may deliver days later, out of order."""
        return min(event.at or receipt.received_at, receipt.received_at)

    def _is_of(self, receipt, partner_id):
        """Return whether the person is one of the account's company.

        A stop is for everybody with the number, a start only for who asked to hear
        it: another broker's list is none of this one's business.
        """
        account = self.env["veloc.account"].browse(receipt.account_id)
        company = self.env["res.partner"].browse(partner_id).company_id
        return not (account.company_id and company) or account.company_id == company

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

    def _start(self, last):
        """Lift the opt-out of those whose last word was "start".

        It grants nothing: consent was revoked and must be given anew. A stop that came
        after the word (an old event may be folded again) stays.
        """
        by_channel = {}
        for (partner_id, channel), (word, at) in last.items():
            if word == "start":
                by_channel.setdefault(channel, {})[partner_id] = at
        suppressions = self.env["veloc.suppression"]
        for channel, said in by_channel.items():
            # Also a block that we learned from the provider: its list ends as well.
            for kind in ("opt_out", "channel_blocked"):
                suppressions._lift(
                    list(said),
                    kind,
                    source="start_word",
                    channel=channel,
                    standing_at=said,
                )

    def _act_on_strangers(self, strangers):
        """Keep a stop by its address until somebody turns up with it."""
        blocked = self.env["veloc.blocked.address"]
        stops, starts = {}, {}
        for (channel, address), (word, key, at) in strangers.items():
            if word == "stop" and address:
                stops.setdefault(channel, {})[address] = (key, at)
            elif address:
                starts.setdefault(channel, {})[address] = at
        for channel, said in stops.items():
            blocked._block(channel, said)
        for channel, said in starts.items():
            blocked._unblock(channel, said)

    # === PREFERENCES === #

    def _fold_preferences(self, items):
        """Act on what people chose at the provider: about promotions only."""
        people = self._find_people(items)
        last = {}
        for receipt, rest, event in items:
            for partner_id in people[receipt.id]:
                said_at = self._said_at(receipt, event)
                said = (event.opt_out, rest.event_key, said_at)
                last[event.channel, partner_id] = said
        for channel in {channel for channel, _partner in last}:
            said = {p: words for (c, p), words in last.items() if c == channel}
            self._prefer(channel, said)
        return {
            receipt.id: self._preference_outcome(event, people[receipt.id])
            for receipt, _rest, event in items
        }

    def _prefer(self, channel, said):
        stops = {p: key for p, (word, key, _at) in said.items() if word == "stop"}
        starts = {p: at for p, (word, _key, at) in said.items() if word == "start"}
        if stops:
            evidence = ", ".join(sorted(set(stops.values())))[:500]
            self.env["veloc.consent"]._revoke_channel(
                list(stops), channel, PREFERENCE, evidence, promotional_only=True
            )
            self.env["veloc.suppression"]._impose(
                list(stops), "opt_out", channel=channel, source=PREFERENCE
            )
        if starts:
            # Only what was said there: a STOP in our own chat stands.
            self.env["veloc.suppression"]._lift(
                list(starts),
                "opt_out",
                source=PREFERENCE,
                channel=channel,
                only_sources=(PREFERENCE, "provider"),
                standing_at=starts,
            )

    def _preference_outcome(self, event, partner_ids):
        outcome = self._inbound_outcome(event, event.opt_out, partner_ids)
        if event.opt_out not in ("stop", "start"):
            return outcome | {"state": "not_understood", "error": "unknown_shape"}
        # Their list at the provider holds for strangers anyway.
        return outcome | {"state": FOLDED if partner_ids else IGNORED}
