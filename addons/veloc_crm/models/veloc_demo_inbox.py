from datetime import timedelta

from odoo import api, fields, models

from ..demo import inbox

CHANNEL_ACCOUNTS = {
    "whatsapp": "veloc_messaging.veloc_account_sandbox_whatsapp",
    "sms": "veloc_messaging.veloc_account_sandbox_sms",
}


class VelocDemoInbox(models.AbstractModel):
    """Fills the inbox of a demo database; called once, from the demo data."""

    _name = "veloc.demo.inbox"
    _description = "Demo data of the inbox"

    @api.model
    def _load(self):
        """Let people write and agents answer, by the real road."""
        now = fields.Datetime.now()
        agent = self.env.ref("veloc_crm.demo_user_agent")
        self.env.ref("veloc_messaging.veloc_desk_main").write(
            {
                "user_ids": [(4, agent.id)],
                "supervisor_id": self.env.ref("veloc_crm.demo_user_manager").id,
            }
        )
        people = (
            self.env["veloc.trader"]
            .search(
                [
                    ("external_ref", "like", "VB-"),
                    ("stage", "in", ("kyc", "active", "at_risk")),
                    ("partner_id.phone_sanitized", "!=", False),
                    ("partner_id.veloc_suppression_ids", "=", False),
                ],
                order="id",
                limit=8,
            )
            .partner_id
        )
        for number, talk in enumerate(inbox.TALKS):
            if talk.trader is None or talk.trader < len(people):
                self._tell(talk, number, people, agent, now)

    def _tell(self, talk, number, people, agent, now):
        record = self.env["veloc.conversation"]
        for turn, said in enumerate(talk.said):
            at = now - timedelta(hours=said.ago)
            if record and talk.closed_ago and said.ago < talk.closed_ago:
                record._close(now - timedelta(hours=talk.closed_ago))
            if said.voice == inbox.AGENT:
                self._answer(record.with_user(agent), said.text, at)
                continue
            record = record._receive(
                [self._item(talk, said, number * 10 + turn, people, at)]
            )
        last = talk.said[-1]
        if talk.closed_ago and last.ago > talk.closed_ago:
            record._close(now - timedelta(hours=talk.closed_ago))
        if talk.is_taken:
            record.user_id = agent
        record.tag_ids = self._tags(talk.tags)

    def _item(self, talk, said, number, people, at):
        known = people[talk.trader] if talk.trader is not None else people.browse()
        if talk.shares_number_with is not None:
            known |= people[talk.shares_number_with : talk.shares_number_with + 1]
        return {
            "event_id": number,
            "account_id": self.env.ref(CHANNEL_ACCOUNTS[talk.channel]).id,
            "channel": talk.channel,
            "sender": known[:1].phone_sanitized or "",
            "sender_id": talk.identifier,
            "sender_name": talk.name or known[:1].name,
            "partner_ids": known.ids,
            "body": said.text,
            "media": said.media,
            "provider_ref": f"demo-inbox-{number}",
            "at": at,
        }

    def _answer(self, record, text, at):
        """Send an answer and let it arrive, as the provider would have."""
        template = self.env.ref("veloc_messaging.veloc_template_conversation_reply")
        sent = self.env["veloc.conversation.reply"]._send(
            record, template, {"reply_text": text}
        )
        sent._move("sending", at=at, attempts=1)
        for seconds, state in ((2, "accepted"), (4, "sent"), (9, "delivered")):
            sent._move(state, at=at + timedelta(seconds=seconds))
        record._show_sent(sent, at)

    def _tags(self, names):
        tags = self.env["veloc.conversation.tag"]
        for name in names:
            tags |= tags.search([("name", "=", name)]) or tags.create(
                {"name": name, "color": len(name)}
            )
        return tags
