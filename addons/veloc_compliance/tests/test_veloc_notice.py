from odoo.tests import new_test_user, tagged

from .common import ComplianceCase


@tagged("post_install", "-at_install")
class TestNotice(ComplianceCase):
    """Service notices: to whom they belong, once per key."""

    def _notice(self, **values):
        return {
            "partner_id": self.ana.id,
            "code": "test",
            "key": "test:1",
            "subject": "About your request",
            "text": "Hello.\n\nSee https://veloc.example/a?b=1",
            **values,
        }

    def _send(self, *notices):
        return self.env["veloc.notice"]._send(list(notices))

    def _mails(self):
        domain = [("subject", "=", "About your request")]
        return self.env["mail.mail"].search(domain, order="id")

    def test_an_address_without_a_contact_gets_a_mail_of_odoo(self):
        self._send(self._notice(partner_id=None, email="new@x.example"))
        mail = self._mails()
        self.assertEqual(mail.email_to, "new@x.example")
        self.assertIn('href="https://veloc.example/a?b=1"', mail.body_html)
        self.assertTrue(mail.auto_delete)

    def test_a_notice_is_sent_once_per_key_whoever_repeats_it(self):
        first = self._send(self._notice(email="a@x.example"))
        again = self._send(
            self._notice(email="a@x.example"),
            self._notice(email="a@x.example", key="test:2"),
            self._notice(email="a@x.example", key="test:2"),
        )
        self.assertEqual(first, {"test:1": "sent"})
        self.assertEqual(again, {"test:1": "duplicate", "test:2": "sent"})
        self.assertEqual(len(self._mails()), 2)

    def test_what_did_not_leave_may_be_tried_again(self):
        nobody = self.env["res.partner"].create({"name": "Nobody", "tz": False})
        outcome = self._send(self._notice(partner_id=nobody.id))
        self.assertEqual(outcome, {"test:1": "no_address"})
        nobody.email = "nobody@x.example"
        self.assertEqual(
            self._send(self._notice(partner_id=nobody.id)), {"test:1": "sent"}
        )

    def test_files_travel_with_it(self):
        self._send(
            self._notice(email="a@x.example", attachments=[("a.pdf", b"%PDF-1.4")])
        )
        self.assertEqual(self._mails().attachment_ids.raw, b"%PDF-1.4")

    def test_somebody_without_rights_may_cause_one(self):
        clerk = new_test_user(self.env, "clerk", groups="base.group_user")
        notices = self.env["veloc.notice"].with_user(clerk)
        outcome = notices._send([self._notice(email="a@x.example")])
        self.assertEqual(outcome, {"test:1": "sent"})

    def test_nobody_sends_one_over_rpc(self):
        names = [name for name in dir(type(self.env["veloc.notice"])) if "send" in name]
        self.assertTrue(names)
        self.assertTrue(all(name.startswith("_") for name in names))

    def test_that_it_went_is_kept_with_the_hash_of_its_words(self):
        self._send(self._notice(email="a@x.example"))
        issued = self.env["veloc.notice.issued"].search([("key", "=", "test:1")])
        self.assertRecordValues(issued, [{"code": "test", "partner_id": self.ana.id}])
        self.assertEqual(len(issued.text_hash), 64)

    def test_many_cost_what_few_cost(self):
        def batch(first, count):
            return [
                self._notice(email=f"p{n}@x.example", partner_id=None, key=f"many:{n}")
                for n in range(first, first + count)
            ]

        self._send(*batch(0, 2))
        costs = []
        for first, count in ((10, 2), (100, 40)):
            self.env.flush_all()
            start = self.env.cr.sql_log_count
            self._send(*batch(first, count))
            self.env.flush_all()
            costs.append(self.env.cr.sql_log_count - start)
        self.assertLessEqual(costs[1], costs[0] + 2)  # a cache's miss
