"""Mails that come back, for the tests of what we make of them."""

from odoo import fields

from ..rules import bounce_address, message_state
from .common import MessagingCase

BOX = "bounce@mail.veloc.example"
BOUNCE = """\
Return-Path: <>
From: MAILER-DAEMON@mx.example.com (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <{id}@mx.example.com>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain

It failed.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; ana@example.com
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} said no to <ana@example.com>

--b1
Content-Type: text/rfc822-headers

Message-ID: {about}

--b1--
"""
COMPLAINT = """\
From: Feedback Loop <staff@hotmail.com>
To: {to}
Subject: complaint
Message-ID: <arf-1@hotmail.com>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b1"

--b1
Content-Type: text/plain

A complaint.

--b1
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: JMRP/1.0
Version: 1

--b1
Content-Type: message/rfc822

Message-ID: {about}
Subject: Novidades

Oi

--b1--
"""
ANSWER = """\
From: Ana Souza <ana@example.com>
To: {to}
Subject: Re: Novidades
Message-ID: <answer-1@example.com>
{extra}MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

{text}

Em qua., 11 de mar. de 2026, Veloc <oi@veloc.example.com> escreveu:
> Novidades
"""


class MailCase(MessagingCase):
    """An e-mail that left, and the mailboxes that wait for what comes back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mail_account = cls.env["veloc.account"].search(
            [("code", "=", "test-email")]
        )
        cls.mail_account.bounce_mailbox = BOX
        cls.mail_account.reply_mailbox = "ola@mail.veloc.example"

    def _letter(self, partner=None, **more):
        message = self._queue(partner, channel="email", **more)
        message._move(message_state.SENDING)
        message._move(
            message_state.SENT,
            provider_ref=f"<{message.reference}@veloc.example.com>",
            at=fields.Datetime.now(),
        )
        return message

    def _address(self, message, scope=bounce_address.BOUNCE):
        secret = self.env["veloc.mail.intake"]._secret()
        return bounce_address.make(secret, scope, message.reference, BOX)

    def _bounce(self, message, status="5.1.1", action="failed", to=None, **more):
        return BOUNCE.format(
            to=to or self._address(message),
            status=status,
            action=action,
            id=more.get("id", "b1"),
            about=more.get("about", "<lost@elsewhere>"),
        )

    def _receive(self, text):
        """Hand a mail to Odoo's own gateway and fold what came of it."""
        found = self.env["mail.thread"].message_process(None, text)
        self.run_cron("veloc_messaging.ir_cron_fold")
        self.env.invalidate_all()
        return found

    def _events(self):
        return self.env["veloc.provider.event"].search([])

    def _blocks(self, partner):
        blocks = self.env["veloc.suppression"].search(
            [("partner_id", "=", partner.id), ("is_active", "=", True)]
        )
        return {(block.kind, block.channel, block.source) for block in blocks}
