from odoo import api, fields, models
from odoo.tools import SQL, html2plaintext, plaintext2html

from odoo.addons.veloc_compliance.const import CHANNELS

from ..rules import conversation_text

VOICES = [("person", "Person"), ("agent", "Agent"), ("robot", "Robot")]


class VelocConversationEntry(models.Model):
    """One message of a conversation: the chatter's beside the provider's."""

    _name = "veloc.conversation.entry"
    _description = "Message of a conversation"
    _veloc_ledger_subject = "conversation_id.partner_id"
    _veloc_ledger_reads = True
    _order = "at, id"
    _log_access = False

    conversation_id = fields.Many2one(
        "veloc.conversation",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    mail_message_id = fields.Many2one(
        "mail.message",
        "Message",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    voice = fields.Selection(VOICES, required=True, readonly=True)
    channel = fields.Selection(CHANNELS, required=True, readonly=True)
    account_id = fields.Many2one("veloc.account", readonly=True, ondelete="restrict")
    provider_ref = fields.Char("Provider's id", readonly=True)
    message_id = fields.Many2one(
        "veloc.message", "Sent as", readonly=True, ondelete="restrict"
    )
    media = fields.Json(readonly=True, help="Address or id, and type, of what came.")
    at = fields.Datetime(required=True, readonly=True)
    company_id = fields.Many2one(related="conversation_id.company_id")

    _inbound_unique = models.UniqueIndex(
        "(account_id, provider_ref) WHERE voice = 'person'",
        "This message is in the conversation already.",
    )
    _message_unique = models.UniqueIndex(
        "(message_id) WHERE message_id IS NOT NULL",
        "This message is in the conversation already.",
    )

    @api.model
    def _add(self, values_list):
        """Write entries and their messages in the chatter; nobody is notified.

        Each is a dict of this model's columns and conversation (a record), text,
        author_id, author (a name) besides.
        """
        if not values_list:
            return self.browse()
        subtype = self.env.ref("mail.mt_comment")
        # sudo: the history is written by the system, whoever started it.
        messages_sudo = (
            self.env["mail.message"]
            .sudo()
            .create([self._prepare_message(v, subtype) for v in values_list])
        )
        entries = []
        for values, message in zip(values_list, messages_sudo, strict=True):
            entry = {k: v for k, v in values.items() if k in self._fields}
            entry |= {
                "conversation_id": values["conversation"].id,
                "mail_message_id": message.id,
            }
            entries.append(entry)
        # sudo: as above; nobody has create access.
        return self.sudo().create(entries)

    def _prepare_message(self, values, subtype):
        conversation = values["conversation"]
        return {
            "model": conversation._name,
            "res_id": conversation.id,
            "body": plaintext2html(values["text"]),
            "author_id": values.get("author_id") or False,
            "email_from": values.get("author") or False,
            "reply_to": False,
            "message_type": "comment",
            "subtype_id": subtype.id,
            "date": values["at"],
        }

    # === THE ROBOT'S WORDS === #

    @api.model
    def _add_robot(self, conversations):
        """Copy what was sent to these people into their conversations.

        What stands there already is left alone. Three queries and the writing.
        """
        if not conversations:
            return self.browse()
        by_person = {(c.partner_id.id, c.company_id.id): c for c in conversations}
        rows = self._unknown_sent([partner_id for partner_id, _c in by_person])
        values_list = [
            self._prepare_robot(row, by_person[row[1], row[2]])
            for row in rows
            if (row[1], row[2]) in by_person
        ]
        return self._add(values_list)

    def _unknown_sent(self, partner_ids):
        """Return the newest messages of each person that no entry shows yet.

        Notices about personal data hold codes that prove an identity: not for agents.
        """
        private = self.env["ir.model.data"]._xmlid_to_res_id(
            "veloc_compliance.veloc_purpose_privacy", raise_if_not_found=True
        )
        self.flush_model()
        self.env["veloc.message"].flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT m.id, m.partner_id, m.company_id, m.channel, m.account_id,
                       m.body, m.subject, COALESCE(m.accepted_at, m.sending_at)
                  FROM unnest(%s::int[]) AS person(id)
                 CROSS JOIN LATERAL (
                    SELECT * FROM veloc_message
                     WHERE partner_id = person.id AND state = ANY(%s)
                       AND purpose_id <> %s
                     ORDER BY id DESC LIMIT 30) m
                 WHERE NOT EXISTS (SELECT FROM veloc_conversation_entry e
                                    WHERE e.message_id = m.id)
                 ORDER BY m.id
                """,
                list(partner_ids),
                ["accepted", "sent", "delivered", "read", "in_doubt", "undelivered"],
                private,
            )
        )

    def _prepare_robot(self, row, conversation):
        message_id, _partner, _company, channel, account_id, body, subject, at = row
        if channel == "email":
            body = conversation_text.without_emphasis(body)
            body = html2plaintext(body, include_references=False)
        text = f"{subject}\n{body}" if subject else body
        return {
            "conversation": conversation,
            "voice": "robot",
            "channel": channel,
            "account_id": account_id,
            "message_id": message_id,
            "at": at or fields.Datetime.now(),
            "text": conversation_text.shown(text),
            "author_id": self.env.ref("base.partner_root").id,
        }
