from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..rules import conversation_text, response_clock

WINDOW = timedelta(hours=24)
# Words that ask for nothing: the opt-out itself is recorded elsewhere.
NO_QUESTION = ("stop", "start")


class VelocConversationReceiver(models.AbstractModel):
    """Puts what people write into their conversations and starts the clock.

    Works on whole batches; the number of queries does not depend on their size,
    the messages of the chatter apart.
    """

    _name = "veloc.conversation.receiver"
    _description = "Receiving for conversations"

    @api.model
    def _receive(self, items):
        """Thread incoming messages; return their conversations.

        An item is a dict: event_id, account_id, channel, sender, sender_id,
        sender_name, partner_ids, body, media, provider_ref, reply_to, at, word. A
        copy of a message that is in its conversation already changes nothing.
        """
        items = self._fresh([dict(item) for item in items])
        if not items:
            return self.env["veloc.conversation"]
        self._say_who(items)
        talks = self._open_talks(items)
        self.env["veloc.conversation.entry"]._add([self._entry(i) for i in items])
        self._start_clocks(talks, items)
        talks._changed()
        self._tell_owners(talks)
        return talks

    # === COPIES === #

    def _fresh(self, items):
        for item in items:
            item["provider_ref"] = item.get("provider_ref") or f"e{item['event_id']}"
            item["at"] = item.get("at") or fields.Datetime.now()
        self.env["veloc.conversation.entry"].flush_model()
        known = set(
            self.env.execute_query(
                SQL(
                    "SELECT account_id, provider_ref FROM veloc_conversation_entry "
                    "WHERE voice = 'person' AND provider_ref = ANY(%s)",
                    [item["provider_ref"] for item in items],
                )
            )
        )
        fresh = {}
        for item in items:
            fresh.setdefault((item["account_id"], item["provider_ref"]), item)
        return sorted(
            (item for key, item in fresh.items() if key not in known),
            key=lambda item: item["at"],
        )

    # === WHO === #

    def _say_who(self, items):
        """Add company_id, identifier, partner_id and candidates to each item."""
        accounts = self.env["veloc.account"].browse({i["account_id"] for i in items})
        companies = {a.id: a.company_id.id or self.env.company.id for a in accounts}
        answered = self._answered_people(items)
        learned = self._learned(items)
        known = {id_ for item in items for id_ in item.get("partner_ids") or ()}
        # Archived contacts are nobody to write to.
        people = self.env["res.partner"].search([("id", "in", list(known))])
        elsewhere = self._elsewhere({*learned.values(), *answered.values()}, companies)
        for item in items:
            company_id = companies[item["account_id"]]
            names = item["spellings"]
            usable = people.filtered(
                lambda p, item=item, company_id=company_id: (
                    p.id in (item.get("partner_ids") or ())
                    and p.company_id.id in (False, company_id)
                )
            )
            told = [learned[n] for n in names if n in learned]
            told.append(answered.get((item["account_id"], item.get("reply_to"))))
            sure = next((i for i in told if i and i not in elsewhere[company_id]), None)
            if not sure and len(usable) == 1:
                sure = usable.id
            item.update(
                company_id=company_id,
                identifier=names[0] if names else item["provider_ref"],
                partner_id=sure or False,
                candidate_ids=[] if sure else usable.ids,
            )

    def _elsewhere(self, partner_ids, companies):
        """Return ``{company id: people of other companies}``; one query."""
        people = self.env["res.partner"].with_context(active_test=False)
        people = people.search_fetch([("id", "in", list(partner_ids))], ["company_id"])
        return {
            company_id: {
                p.id for p in people if p.company_id.id not in (False, company_id)
            }
            for company_id in companies.values()
        }

    def _learned(self, items):
        """Return ``{spelling: partner id}`` and leave the spellings on the items."""
        identities = self.env["veloc.channel.identity"]
        by_channel = {}
        for item in items:
            names = identities._spellings(
                item.get("sender") or "", item.get("sender_id") or ""
            )
            item["spellings"] = names
            by_channel.setdefault(item["channel"], set()).update(names)
        learned = {}
        for channel, names in by_channel.items():
            learned.update(identities._learned(channel, names))
        return learned

    def _answered_people(self, items):
        """Return who got the messages of ours that were quoted."""
        refs = [item["reply_to"] for item in items if item.get("reply_to")]
        if not refs:
            return {}
        rows = self.env.execute_query(
            SQL(
                "SELECT account_id, provider_ref, partner_id FROM veloc_message "
                "WHERE provider_ref = ANY(%s)",
                refs,
            )
        )
        return {(account_id, ref): partner for account_id, ref, partner in rows}

    # === WHERE === #

    def _open_talks(self, items):
        """Find, adopt or make the conversation of each item; return them all."""
        talks = self.env["veloc.conversation"]
        by_person, by_name = self._find_talks(items)
        missing = {}
        for item in items:
            person = (item["company_id"], item["partner_id"])
            name = (item["company_id"], item["channel"], item["identifier"])
            talk = by_person.get(person) if person[1] else by_name.get(name)
            if not talk and person[1] and (talk := by_name.pop(name, None)):
                # Somebody made a contact for this sender since.
                talk.write({"partner_id": person[1], "candidate_ids": [(5,)]})
                by_person[person] = talk
            if talk:
                item["conversation"] = talk
                talks |= talk
            else:
                missing.setdefault(person if person[1] else name, []).append(item)
        return talks | self._make_talks(missing)

    def _find_talks(self, items):
        domain = fields.Domain(
            "partner_id", "in", [i["partner_id"] for i in items if i["partner_id"]]
        ) | (
            fields.Domain("partner_id", "=", False)
            & fields.Domain("identifier", "in", [i["identifier"] for i in items])
        )
        talks = self.env["veloc.conversation"].search(domain, order="id")
        # An agent may be answering: wait for that, and see it.
        talks.flush_recordset()
        self.env.execute_query(
            SQL(
                "SELECT id FROM veloc_conversation WHERE id = ANY(%s) "
                "ORDER BY id FOR NO KEY UPDATE",
                talks.ids,
            )
        )
        talks.invalidate_recordset(flush=False)
        return (
            {(t.company_id.id, t.partner_id.id): t for t in talks if t.partner_id},
            {
                (t.company_id.id, t.channel, t.identifier): t
                for t in talks
                if not t.partner_id
            },
        )

    def _make_talks(self, missing):
        companies = self.env["res.company"].browse(
            {item["company_id"] for group in missing.values() for item in group}
        )
        desks = self.env["veloc.desk"]._of_companies(companies)
        values_list = [
            {
                "partner_id": group[0]["partner_id"],
                "candidate_ids": [(6, 0, group[0]["candidate_ids"])],
                "identifier": group[0]["identifier"],
                "company_id": group[0]["company_id"],
                "desk_id": desks[group[0]["company_id"]].id,
                "channel": group[0]["channel"],
                "state": "closed",
            }
            for group in missing.values()
        ]
        quiet = self.env["veloc.conversation"].with_context(
            tracking_disable=True, mail_create_nosubscribe=True
        )
        made = quiet.create(values_list).with_context(tracking_disable=False)
        for talk, group in zip(made, missing.values(), strict=True):
            for item in group:
                item["conversation"] = talk
        # What the robot said before is part of the story.
        self.env["veloc.conversation.entry"]._add_robot(made.filtered("partner_id"))
        return made

    # === WHAT === #

    def _entry(self, item):
        talk = item["conversation"]
        media = [list(pair) for pair in item.get("media") or ()]
        lines = [item.get("body") or ""]
        # A sign that every agent reads, whatever the language of the job.
        lines += [f"📎 {kind}" for _ref, kind in media]
        return {
            "conversation": talk,
            "voice": "person",
            "channel": item["channel"],
            "account_id": item["account_id"],
            "provider_ref": item["provider_ref"],
            "media": media or False,
            "at": item["at"],
            "text": "\n".join(filter(None, lines)),
            "author_id": talk.partner_id.id,
            "author": talk.partner_id.name
            or item.get("sender_name")
            or item["identifier"],
        }

    def _start_clocks(self, talks, items):
        begun = {}
        plans = {}
        hours = {desk: desk._hours() for desk in talks.desk_id}
        for talk in talks:
            own = [item for item in items if item["conversation"] == talk]
            questions = [i for i in own if i.get("word") not in NO_QUESTION]
            plans[talk] = self._last_words(talk, own)
            if questions:
                plans[talk] |= self._question(talk, questions, hours.get(talk.desk_id))
                if talk.state == "closed":
                    begun[talk] = questions[0]["at"]
        for talk, values in plans.items():
            talk.write(values)
        talks._begin_rounds(begun)

    def _last_words(self, talk, own):
        last = own[-1]
        values = {
            "last_message_at": max(last["at"], talk.last_message_at or last["at"]),
            "last_inbound_at": max(last["at"], talk.last_inbound_at or last["at"]),
            "channel": last["channel"],
            "reply_channel": last["channel"],
            "account_id": last["account_id"],
            "identifier": last["identifier"],
            "sender_name": last.get("sender_name") or talk.sender_name,
            "preview": conversation_text.preview(self._entry(last)["text"]),
        }
        if not talk.partner_id:
            # The name of a stranger's conversation stays what it was found by.
            values.pop("identifier")
            values.pop("channel")
        windows = [i["at"] + WINDOW for i in own if i["channel"] == "whatsapp"]
        if windows:
            values["window_until"] = max(*windows, talk.window_until or windows[0])
        return values

    def _question(self, talk, questions, hours):
        first, last = questions[0]["at"], questions[-1]["at"]
        values = {"state": "open", "silent_until": talk._silence(last)}
        if not talk.waiting_since:
            desk = talk.desk_id
            values |= {"waiting_since": first}
            if hours:
                values |= {
                    "step_in_at": response_clock.due_at(
                        hours, first, desk.step_in_minutes
                    ),
                    "escalate_at": response_clock.due_at(
                        hours, first, desk.escalate_minutes
                    ),
                }
        return values

    def _tell_owners(self, talks):
        for user in talks.user_id:
            count = len(talks.filtered(lambda t, user=user: t.user_id == user))
            text = user.with_context(lang=user.lang).env._(
                "New message in %(count)s of your conversations.", count=count
            )
            user._bus_send("simple_notification", {"message": text, "type": "info"})
