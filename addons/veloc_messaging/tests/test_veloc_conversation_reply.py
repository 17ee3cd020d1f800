from datetime import timedelta

from freezegun import freeze_time
from markupsafe import Markup

from odoo.exceptions import RedirectWarning, UserError
from odoo.tests import tagged

from odoo.addons.veloc_compliance.tests.common import NOON

from .conversation_case import ConversationCase


@tagged("post_install", "-at_install")
@freeze_time(NOON)
class TestAnswering(ConversationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time(NOON):
            cls.talk = cls._write(cls.ana)

    def _refused(self, wording, **values):
        """Expect an error in these words, and that nothing was said or queued."""
        before = len(self.talk.message_ids), len(self._messages_of(self.ana))
        with (
            self.assertRaisesRegex((UserError, RedirectWarning), wording),
            self.env.cr.savepoint(),
        ):
            self._answer(self.talk, **values)
        self.talk.invalidate_recordset()
        after = len(self.talk.message_ids), len(self._messages_of(self.ana))
        self.assertEqual(after, before)

    def test_an_answer_goes_out_in_the_persons_channel(self):
        message = self._answer(self.talk, "Oi Ana,<br>seu saque saiu.")

        sent = self._messages_of(self.ana)
        self.assertRecordValues(
            sent,
            [
                {
                    "channel": "whatsapp",
                    "lane": "urgent",
                    "account_id": self.whatsapp.id,
                    "state": "queued",
                    "source": f"veloc.conversation,{self.talk.id}",
                }
            ],
        )
        self.assertTrue(sent.verdict_id)
        self.assertEqual(message.author_id, self.bia.partner_id)
        self.assertEqual(message.veloc_badge["voice"], "agent")
        self.assertEqual(message.veloc_badge["message_id"], sent.id)

    def test_line_breaks_reach_the_person(self):
        self._answer(self.talk, Markup("Oi Ana,<br>tudo certo: {{ name }} &lt;3"))

        body = self._messages_of(self.ana).body
        self.assertEqual(body, "Oi Ana,\ntudo certo: {{ name }} <3")

    def test_the_provider_gets_it_and_the_badge_follows(self):
        message = self._answer(self.talk)

        with self.fake_provider() as provider:
            self.run_dispatch_cron("veloc_messaging.ir_cron_dispatch_urgent")

        self.assertEqual(
            [(out.to, out.body) for out in provider.sent],
            [(self.ana.phone_sanitized, "Seu saque saiu.")],
        )
        message.invalidate_recordset()
        self.assertEqual(message.veloc_badge["state"], "accepted")
        # The answer is not shown a second time as something the robot said.
        self.assertEqual(len(self.talk.message_ids), 2)

    def test_an_answer_stops_the_clock_and_is_measured(self):
        with freeze_time(NOON + timedelta(hours=2, minutes=10)):  # 14:10 in São Paulo
            self._answer(self.talk)

        self.assertRecordValues(
            self.talk,
            [
                {
                    "state": "waiting",
                    "waiting_since": False,
                    "step_in_at": False,
                    "escalate_at": False,
                    "user_id": self.bia.id,
                    "first_response_minutes": 10,
                }
            ],
        )
        self.assertEqual(self.talk.round_id.user_id, self.bia)

    def test_the_next_answer_is_no_first_response(self):
        with freeze_time(NOON + timedelta(hours=2, minutes=10)):
            self._answer(self.talk)
        self._write(self.ana, at=NOON + timedelta(hours=3))
        with freeze_time(NOON + timedelta(hours=4)):
            self._answer(self.talk, user=self.caio)

        self.assertEqual(self.talk.first_response_minutes, 10)
        self.assertEqual(self.talk.round_id.answers, 2)
        self.assertEqual(self.talk.user_id, self.bia)

    def test_a_log_note_stays_inside(self):
        self.talk.with_user(self.bia).message_post(
            body="Só para nós",
            message_type="comment",
            subtype_xmlid="mail.mt_note",
        )

        self.assertFalse(self._messages_of(self.ana))
        self.assertTrue(self.talk.waiting_since)

    def test_nobody_outside_gets_mail_from_the_chatter(self):
        # Even where somebody made the person a follower, or mentions them.
        self.talk.message_subscribe(partner_ids=(self.ana | self.rui).ids)
        mails = self.env["mail.mail"].search_count([])

        message = self._answer(self.talk, partner_ids=self.ana.ids)
        self.talk.with_user(self.bia).message_post(
            body="Nota", message_type="comment", subtype_xmlid="mail.mt_note"
        )

        told = self.env["mail.notification"].search(
            [("mail_message_id", "in", self.talk.message_ids.ids)]
        )
        self.assertFalse(told.res_partner_id & (self.ana | self.rui))
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)
        self.assertFalse(message.notified_partner_ids & self.ana)
        self.assertFalse(
            self.talk._message_get_suggested_recipients(reply_discussion=True)
        )

    def test_a_colleague_who_follows_is_told(self):
        self.caio.notification_type = "inbox"
        self.talk.message_subscribe(partner_ids=self.caio.partner_id.ids)

        message = self._answer(self.talk)

        self.assertEqual(message.notified_partner_ids, self.caio.partner_id)

    def test_forbidden_words_never_leave(self):
        self._refused("lucro garantido", text="Com a gente é LUCRO  garantido!")

    def test_nothing_is_not_an_answer(self):
        self._refused("Write what", text="  ")

    def test_files_are_refused_clearly(self):
        file = self.env["ir.attachment"].create({"name": "a.pdf", "raw": b"x"})
        self._refused("Files cannot be sent", attachment_ids=file.ids)

    def test_an_sms_of_many_parts_is_refused(self):
        self.talk.with_user(self.bia).reply_channel = "sms"
        self._refused("too long", text="ã" * 700)

    def test_after_24_hours_whatsapp_takes_templates_only(self):
        with freeze_time(NOON + timedelta(hours=24)):
            self.assertIn("24 hours", self.talk.blocked_reason)
            with self.assertRaises(RedirectWarning) as caught:
                self._answer(self.talk)

        _words, action, _button = caught.exception.args[:3]
        self.assertEqual(action["res_model"], "veloc.conversation.template")
        self.assertFalse(self._messages_of(self.ana))

    def test_after_24_hours_another_channel_still_works(self):
        with freeze_time(NOON + timedelta(hours=24)):
            self.talk.with_user(self.bia).reply_channel = "sms"
            self._answer(self.talk)

        self.assertEqual(self._messages_of(self.ana).channel, "sms")

    def test_what_the_gate_refuses_is_not_posted(self):
        self.env["veloc.suppression"]._impose(
            self.ana.ids, "deceased", source="staff", note="x"
        )
        self._refused("Nothing left the house")

    def test_a_person_without_a_number_cannot_be_answered_there(self):
        self.ana.phone = False
        self._refused("no address for this channel")

    def test_a_stranger_must_be_known_first(self):
        stranger = self._write()
        with self.assertRaisesRegex(UserError, "Nobody knows who this is"):
            self._answer(stranger)
        self.assertEqual(len(stranger.message_ids), 1)

    def test_nobody_writes_as_somebody_else(self):
        message = self._answer(self.talk, author_id=self.ana.id)

        self.assertEqual(message.author_id, self.bia.partner_id)

    def test_what_was_said_cannot_be_edited(self):
        message = self._answer(self.talk)
        for said in self.talk.message_ids:
            with self.subTest(said.preview), self.assertRaises(UserError):
                self.talk._message_update_content(said, body="Nunca disse isso")
        self.assertIn("saiu", message.body)

    def test_an_answer_by_email_keeps_its_lines_and_is_escaped(self):
        self.talk.with_user(self.bia).reply_channel = "email"
        self._answer(self.talk, Markup("1 &lt; 2<br>certo"))

        sent = self._messages_of(self.ana)
        self.assertIn("1 &lt; 2\ncerto", sent.body)
        self.assertIn("resposta", sent.subject)

    def test_it_goes_through_the_account_the_person_wrote_to(self):
        second = self._account("test-whatsapp-2", "whatsapp", sender="+5511999990009")
        second.sequence = -1
        self._answer(self.talk)

        self.assertEqual(self._messages_of(self.ana).account_id, self.whatsapp)


@tagged("post_install", "-at_install")
@freeze_time(NOON)
class TestTemplates(ConversationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time(NOON - timedelta(hours=30)):
            cls.talk = cls._write(cls.ana, at=NOON - timedelta(hours=30))
        body = cls.urgent.version_ids.body_ids.filtered(
            lambda b: b.channel == "whatsapp"
        )
        cls.env.flush_all()
        cls.known = cls._with_content(body)

    @classmethod
    def _with_content(cls, body):
        template = body.version_id.template_id.copy({"code": "test_known"})
        version = cls.env["veloc.template.version"].create(
            {
                "template_id": template.id,
                "body_ids": [
                    (
                        0,
                        0,
                        {
                            "channel": "whatsapp",
                            "lang": "pt_BR",
                            "body": "Olá, podemos continuar a conversa?",
                            "content_sid": "HX" + "0" * 32,
                        },
                    )
                ],
            }
        )
        version.action_approve()
        return template

    def _wizard(self, template):
        return (
            self.env["veloc.conversation.template"]
            .with_user(self.bia)
            .create({"conversation_id": self.talk.id, "template_id": template.id})
        )

    def test_outside_the_window_only_what_whatsapp_approved_is_offered(self):
        wizard = self._wizard(self.known)

        self.assertIn(self.known, wizard.usable_ids)
        self.assertNotIn(self.urgent, wizard.usable_ids)
        self.assertIn("continuar a conversa", wizard.preview)

    def test_inside_the_window_every_approved_text_is(self):
        self._write(self.ana)

        self.assertIn(self.urgent, self._wizard(self.known).usable_ids)

    def test_a_chosen_template_is_sent_shown_and_stops_the_clock(self):
        self._wizard(self.known).action_send()

        sent = self._messages_of(self.ana)
        self.assertEqual(sent.content_sid, "HX" + "0" * 32)
        self.assertEqual(self.talk.state, "waiting")
        shown = self.talk.message_ids[0]
        self.assertEqual(shown.author_id, self.bia.partner_id)
        self.assertIn("continuar a conversa", shown.body)
        self.assertEqual(shown.veloc_badge["voice"], "agent")

    def test_nothing_else_can_be_sent_that_way(self):
        wizard = self._wizard(self.urgent)

        with self.assertRaises(UserError):
            wizard.action_send()
        self.assertFalse(self._messages_of(self.ana))
