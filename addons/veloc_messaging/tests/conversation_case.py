"""People who write to us, and agents who answer, for the tests of this addon."""

from itertools import count

from markupsafe import Markup

from odoo.tests import new_test_user

from odoo.addons.veloc_compliance.tests.common import NOON

from .common import MessagingCase

_refs = count(1)


class ConversationCase(MessagingCase):
    """One desk (Mon-Fri 9-12 and 14-18 in São Paulo), two agents and a boss."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.talks = cls.env["veloc.conversation"]
        # What stands in the database already (demo data) must not get in the way.
        cls.talks.search([]).unlink()
        cls.whatsapp = cls.env["veloc.account"].search(
            [("code", "=", "test-whatsapp")], limit=1
        )
        cls.bia, cls.caio, cls.boss = (
            new_test_user(
                cls.env,
                f"inbox_{name}",
                groups=f"veloc_messaging.group_{group}",
                email=f"{name}@broker.example.com",
                lang="en_US",
            )
            for name, group in (("bia", "user"), ("caio", "user"), ("boss", "manager"))
        )
        cls.env["veloc.desk"].search([]).active = False
        cls.desk = cls.env.ref("veloc_messaging.veloc_desk_main").copy(
            {
                "name": "Test desk",
                "active": True,
                "company_id": cls.env.company.id,
                "user_ids": [(6, 0, (cls.bia | cls.caio).ids)],
                "supervisor_id": cls.boss.id,
            }
        )

    @classmethod
    def _item(cls, partner=None, body="Oi, e o meu saque?", at=NOON, **values):
        channel = values.get("channel", "whatsapp")
        ref = next(_refs)
        return {
            "event_id": ref,
            "account_id": (cls.whatsapp if channel == "whatsapp" else cls.account).id,
            "channel": channel,
            "sender": partner.phone_sanitized if partner else "+5511911112222",
            "sender_id": "",
            "sender_name": partner.name if partner else "Zé",
            "partner_ids": partner.ids if partner else [],
            "body": body,
            "media": (),
            "provider_ref": f"IN{ref}",
            "reply_to": "",
            "at": at,
            "word": None,
            **values,
        }

    @classmethod
    def _write(cls, partner=None, *args, **values):
        """Let a person write; return the conversation."""
        return cls.talks._receive([cls._item(partner, *args, **values)])

    def _answer(self, talk, text="Seu saque saiu.", user=None, **values):
        """Answer as an agent would in the chatter; return the mail message."""
        return talk.with_user(user or self.bia).message_post(
            body=Markup("<p>%s</p>") % text,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            **values,
        )

    def _said(self, talk):
        """Return what the chatter shows as (author, text), oldest first."""
        messages = talk.message_ids.filtered(lambda m: m.message_type == "comment")
        return [
            (message.author_id.name or message.email_from, message.preview)
            for message in messages.sorted("id")
        ]
