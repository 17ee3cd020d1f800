import email
import email.policy
import socket
from unittest.mock import patch

from aiosmtpd.controller import Controller
from freezegun import freeze_time

from odoo import tools
from odoo.tests import tagged

from odoo.addons.base.models.ir_mail_server import IrMail_Server
from odoo.addons.veloc_compliance.tests.common import NOON

from .common import MessagingCase


class Mailbox:
    def __init__(self):
        self.letters = []
        self.reply = "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.reply.startswith("250"):
            letter = email.message_from_bytes(
                envelope.content, policy=email.policy.SMTP
            )
            self.letters.append(letter)
        return self.reply


@tagged("post_install", "-at_install")
class TestEmail(MessagingCase):
    """E-mails through a mail server of Odoo's, to a real SMTP server."""

    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time(NOON))
        # Odoo never connects during tests; here the server is our own.
        self.startPatcher(
            patch.object(
                IrMail_Server, "_disable_send", classmethod(lambda _cls: False)
            )
        )
        self.env["ir.mail_server"].search([]).active = False
        self.mailbox = Mailbox()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.startPatcher(
            patch.dict(
                tools.config.options,
                {"smtp_server": "127.0.0.1", "smtp_port": self.port},
            )
        )

    def _serve(self):
        server = Controller(self.mailbox, hostname="127.0.0.1", port=self.port)
        server.start()
        self.addCleanup(server.stop)

    def test_a_promotional_e_mail_can_be_stopped_with_one_click(self):
        self._serve()
        message = self._queue(channel="email")

        self.run_dispatch_cron()

        (letter,) = self.mailbox.letters
        url = self.ana._veloc_unsubscribe_url(self.template.purpose_id, "email")
        self.assertEqual(letter["List-Unsubscribe"], f"<{url[self.ana.id]}>")
        self.assertEqual(letter["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        self.assertEqual(letter["To"], "ana@example.com")
        self.assertEqual(letter["From"], "Veloc <oi@veloc.example.com>")
        self.assertEqual(letter["Subject"], "Ana, novidades")
        self.assertIn("Novidades.", letter.get_body(["plain"]).get_content())
        self.assertIn(url[self.ana.id], letter.get_body(["html"]).get_content())
        self.assertRecordValues(
            message,
            [
                {
                    "state": "sent",
                    "provider_ref": f"<{message.reference}@veloc.example.com>",
                }
            ],
        )

    def test_a_service_e_mail_offers_no_unsubscribing(self):
        self._serve()
        self._queue(channel="email", template=self.urgent)

        self.run_dispatch_cron("veloc_messaging.ir_cron_dispatch_urgent")

        (letter,) = self.mailbox.letters
        self.assertFalse(letter["List-Unsubscribe"])

    def test_many_letters_go_over_few_sessions(self):
        self._serve()
        messages = self._queue(channel="email") + self._queue(self.rui, channel="email")

        self.run_dispatch_cron()

        self.assertEqual(set(messages.mapped("state")), {"sent"})
        self.assertEqual(len(self.mailbox.letters), 2)

    def test_a_full_mailbox_is_tried_again(self):
        self._serve()
        self.mailbox.reply = "452 mailbox full"
        message = self._queue(channel="email")

        self.run_dispatch_cron()

        self.assertRecordValues(
            message, [{"state": "queued", "failure_code": "smtp_452"}]
        )

    def test_a_server_that_is_down_slows_the_account_and_loses_nothing(self):
        messages = self._queue(channel="email") + self._queue(self.rui, channel="email")

        self.run_dispatch_cron()

        self.assertEqual(set(messages.mapped("state")), {"queued"})
        self.assertTrue(messages.account_id.resume_at)

    def test_without_a_mail_server_the_account_is_paused(self):
        message = self._queue(channel="email")
        with patch.dict(tools.config.options, {"smtp_server": ""}):
            self.run_dispatch_cron()

        self.assertEqual(message.state, "queued")
        self.assertEqual(message.account_id.state, "paused")
        self.assertIn("no_server", message.account_id.pause_reason)
