from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.veloc_compliance.tests.common import NOON

from ..rules import provider_event
from .conversation_case import ConversationCase

BSUID = "BR.90001"


@tagged("post_install", "-at_install")
class TestWalls(ConversationCase):
    """Two brokers in one database: neither sees the other's people."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.company"].create({"name": "Broker B"})
        cls.eva = new_test_user(
            cls.env,
            "inbox_eva",
            groups="veloc_messaging.group_user",
            company_id=cls.other.id,
            company_ids=[(6, 0, cls.other.ids)],
        )

    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time(NOON))

    def test_a_dialog_shows_no_stranger_of_another_company(self):
        talk = self._write(sender="+5585991234567", sender_name="Zilda")
        links = self.env["veloc.conversation.link"].with_user(self.eva)

        with self.assertRaises(AccessError):
            links.create({"conversation_id": talk.id}).read(["identifier", "name"])
        spec = {"conversation_id": {}, "identifier": {}, "name": {}}
        with self.assertRaises(AccessError):
            links.onchange({"conversation_id": talk.id}, ["conversation_id"], spec)

    def test_a_dialog_tells_no_channel_of_another_company(self):
        talk = self._write(sender="+5585991234567")
        templates = self.env["veloc.conversation.template"].with_user(self.eva)
        spec = {"conversation_id": {}, "channel": {}}

        with self.assertRaises(AccessError):
            templates.onchange({"conversation_id": talk.id}, ["conversation_id"], spec)

    def test_who_another_company_knows_is_a_stranger_here(self):
        self.whatsapp.company_id = self.env.company
        eve = self.env["res.partner"].create(
            {"name": "Eve", "company_id": self.other.id}
        )
        self.env["veloc.channel.identity"]._learn("whatsapp", BSUID, eve.id)

        talk = self._write(sender="", sender_id=BSUID, partner_ids=eve.ids)

        self.assertFalse(talk.partner_id)
        self.assertFalse(talk.candidate_ids)

    def test_a_start_here_ends_no_opt_out_at_another_broker(self):
        self.whatsapp.company_id = self.env.company
        self.ana.company_id = self.other
        self.env["veloc.suppression"]._impose(
            self.ana.ids, "opt_out", channel="whatsapp", source="stop_word"
        )
        event = provider_event.Event(
            "inbound",
            "W1",
            sender=self.ana.phone_sanitized,
            channel="whatsapp",
            texts=("VOLTAR",),
            provider_ref="W1",
        )
        with freeze_time(NOON + timedelta(minutes=1)):
            self.env["veloc.provider.event"]._store(self.whatsapp, [event])
            fold = self.env["veloc.fold"]
            fold._fold_inbound([(*pair, event) for pair in fold._claim()])

        standing = self.env["veloc.suppression"]._gate_suppressions(
            self.ana.ids, NOON + timedelta(minutes=2)
        )
        self.assertIn(("opt_out", "whatsapp"), standing[self.ana.id])
