from odoo.exceptions import AccessError
from odoo.tests import tagged

from .conversation_case import ConversationCase


@tagged("post_install", "-at_install")
class TestIdentity(ConversationCase):
    def _find(self, sender, sender_id="", channel="whatsapp"):
        pair = (sender, sender_id)
        return self.env["veloc.channel.identity"]._find(channel, [pair])[pair]

    def _learn(self, identifier, partner, **more):
        return self.env["veloc.channel.identity"]._learn(
            "whatsapp", identifier, partner.id, **more
        )

    def test_a_number_is_found_with_and_without_the_ninth_digit(self):
        for sender in ("+5511961234567", "+551161234567", "551161234567"):
            with self.subTest(sender):
                self.assertEqual(self._find(sender), self.ana.ids)

    def test_the_id_alone_is_enough(self):
        self.assertEqual(self._find("", "551161234567"), self.ana.ids)

    def test_an_id_without_a_number_is_learned(self):
        self.assertEqual(self._find("", "BR.13491208655302741918"), [])

        self._learn("whatsapp:BR.13491208655302741918", self.rui)

        self.assertEqual(self._find("", "BR.13491208655302741918"), self.rui.ids)

    def test_who_was_learned_comes_first_and_nobody_is_left_out(self):
        self.rui.phone = self.ana.phone
        self.assertEqual(self._find("+5511961234567"), (self.ana | self.rui).ids)

        self._learn("551161234567", self.rui)

        self.assertEqual(self._find("+5511961234567"), (self.rui | self.ana).ids)

    def test_what_is_learned_later_wins(self):
        first = self._learn("BR.1", self.ana)

        again = self._learn("BR.1", self.rui, source="person")

        self.assertEqual(first, again)
        self.assertEqual(again.partner_id, self.rui)

    def test_another_channel_knows_nothing_of_it(self):
        self._learn("BR.1", self.ana)

        self.assertEqual(self._find("BR.1", channel="sms"), [])

    def test_an_address_finds_people_by_email(self):
        self.assertEqual(self._find("ANA@example.com", channel="email"), self.ana.ids)

    def test_the_choice_of_an_agent_decides_the_next_conversation(self):
        self.rui.phone = self.ana.phone
        both = (self.ana | self.rui).ids
        talk = self._write(self.ana, partner_ids=both)
        self.assertFalse(talk.partner_id)

        talk.with_user(self.bia)._link(self.rui)
        again = self._write(self.ana, partner_ids=both)

        self.assertEqual(again.partner_id, self.rui)

    def test_a_person_who_changes_the_number_stays_the_same_person(self):
        talk = self._write(self.ana)

        self.talks._changed_number(
            "whatsapp", self.ana.phone_sanitized, "5511977776666"
        )
        again = self._write(sender="+5511977776666")

        self.assertEqual(again, talk)
        self.assertIn("5511977776666", talk.message_ids[1].body)
        self.assertEqual(self.ana.phone_sanitized, "+5511961234567")

    def test_two_queries_however_many(self):
        pairs = [(f"+55119612300{n:02}", f"BR.{n}") for n in range(50)]
        identities = self.env["veloc.channel.identity"]
        self.env.flush_all()

        with self.assertQueryCount(2):
            identities._find("whatsapp", pairs)

    def test_nobody_writes_identities_and_managers_forget_wrong_ones(self):
        identity = self._learn("BR.1", self.ana)
        with self.assertRaises(AccessError):
            identity.with_user(self.bia).write({"partner_id": self.rui.id})
        with self.assertRaises(AccessError):
            identity.with_user(self.bia).unlink()

        identity.with_user(self.boss).unlink()

        self.assertFalse(identity.exists())
