from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.veloc_compliance.tests.common import NOON

from ..rules import bounce_address
from .mail_case import MailCase


@tagged("post_install", "-at_install")
class TestLettersLeave(MailCase):
    """The headers of e-mails that leave bring back what we want to know."""

    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time(NOON))

    def _outgoing(self, template=None):
        self._queue(channel="email", template=template)
        name = "urgent" if template == self.urgent else "bulk_1"
        with self.fake_provider() as provider:
            self.run_cron(f"veloc_messaging.ir_cron_dispatch_{name}")
        (outgoing,) = provider.sent
        return outgoing, dict(outgoing.headers)

    def test_a_promotional_letter_names_list_campaign_and_ways_out(self):
        outgoing, headers = self._outgoing()
        self.assertEqual(headers["List-ID"], "<marketing.veloc.example.com>")
        self.assertEqual(headers["Precedence"], "bulk")
        self.assertEqual(
            headers["Feedback-ID"], "test-marketing:marketing:email:test-email"
        )
        self.assertRegex(
            headers["List-Unsubscribe"],
            r"^<https://[^>]+>, <mailto:bounce\+[0-9a-f]{48}@mail\.veloc\.example"
            r"\?subject=unsubscribe>$",
        )
        self.assertEqual(headers["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        secret = self.env["veloc.mail.intake"]._secret()
        for name, scope in (("Return-Path", "bounce"), ("Reply-To", "reply")):
            token = bounce_address.read(secret, [headers[name]])
            self.assertEqual(
                (token.scope, token.reference), (scope, outgoing.reference)
            )

    def test_a_service_letter_has_no_list(self):
        _outgoing, headers = self._outgoing(self.urgent)
        self.assertEqual(set(headers), {"Feedback-ID", "Return-Path", "Reply-To"})

    def test_without_mailboxes_nothing_is_promised(self):
        self.mail_account.write({"bounce_mailbox": False, "reply_mailbox": False})
        _outgoing, headers = self._outgoing()
        self.assertNotIn("Return-Path", headers)
        self.assertNotIn("Reply-To", headers)
        self.assertNotIn("mailto:", headers["List-Unsubscribe"])

    def test_headers_name_nobody(self):
        _outgoing, headers = self._outgoing()
        for name in ("Feedback-ID", "List-ID", "Return-Path", "Reply-To"):
            # As a word: signatures are made of letters too.
            self.assertNotRegex(headers[name].lower(), r"\bana\b")
