from unittest.mock import patch

from odoo.tests import new_test_user, tagged

from .common import MessagingCase


@tagged("post_install", "-at_install")
class TestNoticeOutbox(MessagingCase):
    """Notices about a person's data leave through the outbox, under the law."""

    def _send(self, **values):
        notice = {
            "partner_id": self.ana.id,
            "code": "test",
            "key": "test:1",
            "subject": "Seu pedido foi recebido",
            "text": "Olá <b>Ana</b>.\n\nVeja https://veloc.example/a?b=1&c=2",
        }
        return self.env["veloc.notice"]._send([notice | values])

    def _message(self, key="notice:test:1"):
        return self.env["veloc.message"].search([("key", "=", key)])

    def _mails(self):
        domain = [("subject", "=", "Seu pedido foi recebido")]
        return self.env["mail.mail"].search(domain)

    def test_a_notice_goes_to_the_urgent_lane_without_any_consent(self):
        self.assertEqual(self._send(), {"test:1": "sent"})
        message = self._message()
        self.assertRecordValues(
            message,
            [
                {
                    "partner_id": self.ana.id,
                    "channel": "email",
                    "lane": "urgent",
                    "purpose_id": self.purpose("privacy").id,
                    "subject": "Seu pedido foi recebido",
                    "verdict_basis": "legal_obligation",
                }
            ],
        )
        self.assertFalse(self._mails())

    def test_its_words_are_escaped_and_its_addresses_can_be_followed(self):
        self._send()
        body = self._message().body
        self.assertIn("&lt;b&gt;Ana&lt;/b&gt;", body)
        self.assertIn('<a href="https://veloc.example/a?b=1&amp;c=2">', body)

    def test_it_leaves_for_the_mail_server_and_nothing_is_tracked(self):
        self._send()
        with self.fake_provider() as provider:
            self.run_dispatch_cron("veloc_messaging.ir_cron_dispatch_urgent")
        (letter,) = provider.sent
        self.assertEqual(letter.to, "ana@example.com")
        self.assertNotIn("/veloc/l/", letter.body)
        self.assertNotIn("List-Unsubscribe", dict(letter.headers))

    def test_the_shipped_template_is_approved(self):
        template = self.env.ref("veloc_messaging.veloc_template_notice")
        self.assertEqual(template.current_version_id.state, "approved")
        self.assertEqual(template.purpose_id, self.purpose("privacy"))

    def test_self_excluded_people_still_hear_about_their_data(self):
        self.env["veloc.suppression"]._impose(
            self.ana.ids, "self_exclusion", None, "test"
        )
        self.assertEqual(self._send(), {"test:1": "sent"})

    def test_nobody_writes_to_the_dead(self):
        self.env["veloc.suppression"]._impose(self.ana.ids, "deceased", None, "test")
        self.assertEqual(self._send(), {"test:1": "deceased"})
        self.assertFalse(self._message() | self._message("x"))
        self.assertFalse(self._mails())

    def test_a_repeated_notice_is_sent_once(self):
        self._send()
        self.assertEqual(self._send(), {"test:1": "duplicate"})
        self.assertEqual(len(self._message()), 1)

    def test_an_address_without_a_contact_and_files_go_by_odoos_queue(self):
        self._send(partner_id=None, email="new@x.example", key="a")
        self._send(attachments=[("a.txt", b"x")], key="b")
        mails = self._mails()
        self.assertEqual(
            set(mails.mapped("email_to")), {"new@x.example", "ana@example.com"}
        )
        self.assertTrue(all(mails.mapped("veloc_service")))
        self.assertFalse(self._message("notice:a") | self._message("notice:b"))

    def test_a_mail_to_somebody_who_agreed_to_nothing_passes_the_gate(self):
        self._grant(self.ana, channel="email", granted=False)
        self._send(partner_id=None, email="ana@example.com")
        mail = self._mails()
        with patch.object(type(mail), "_send", lambda *_args, **_kw: True):
            mail.send()
        self.assertNotEqual(mail.state, "cancel")

    def test_without_an_account_the_notice_still_leaves(self):
        self.env["veloc.account"].search([("channel", "=", "email")]).active = False
        self.assertEqual(self._send(), {"test:1": "sent"})
        self.assertEqual(self._mails().email_to, "ana@example.com")

    def test_many_cost_what_few_cost(self):
        people = self.env["res.partner"].create(
            [
                {"name": f"P{n}", "email": f"p{n}@x.example", "tz": False}
                for n in range(40)
            ]
        )

        def batch(some, round_):
            return [
                {
                    "partner_id": person.id,
                    "code": "test",
                    "key": f"many:{round_}:{person.id}",
                    "subject": "S",
                    "text": "T",
                }
                for person in some
            ]

        costs = []
        for round_, some in enumerate((people[:2], people[:2], people)):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.env["veloc.notice"]._send(batch(some, round_))
            self.env.flush_all()
            costs.append(self.env.cr.sql_log_count - start)
        self.assertLessEqual(costs[2], costs[1] + 2)  # a cache's miss

    def test_agents_do_not_read_codes_that_prove_an_identity(self):
        self._send()
        group = "veloc_messaging.group_manager"
        agent = new_test_user(self.env, "curious", groups=group)
        officer = new_test_user(
            self.env, "helena", groups=f"{group},veloc_compliance.group_officer"
        )
        domain = [("key", "=", "notice:test:1")]
        messages = self.env["veloc.message"]
        self.assertFalse(messages.with_user(agent).search(domain))
        self.assertTrue(messages.with_user(officer).search(domain))

    def test_conversations_do_not_show_notices(self):
        self._send()
        with self.fake_provider():
            self.run_dispatch_cron("veloc_messaging.ir_cron_dispatch_urgent")
        self.assertEqual(self._message().state, "accepted")
        entries = self.env["veloc.conversation.entry"]
        self.assertFalse(entries._unknown_sent(self.ana.ids))
