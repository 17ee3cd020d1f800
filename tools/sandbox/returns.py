"""Mails that come back: bounces, delays, complaints, absences and answers.

The local part of the recipient asks for one, like Twilio's magic numbers. Nothing is
sent: ``GET /sandbox/bounces`` shows them, ready for Odoo's mail gateway.
"""

from email.utils import parseaddr

# Local part → (action, status, what the other server said).
REPORTS = {
    "bounce-511": ("failed", "5.1.1", "550 5.1.1 User unknown"),
    "bounce-522": ("failed", "5.2.2", "552 5.2.2 Mailbox full"),
    "bounce-571": ("failed", "5.7.1", "550 5.7.1 Rejected as spam"),
    "delay-441": ("delayed", "4.4.1", "Connection timed out"),
}
COMPLAIN, AWAY, ANSWER = "complain", "away", "answer"
TEXTS = {AWAY: "Estou de férias, volto dia 20.", ANSWER: "Quero sim, podem me ligar?"}


_REPORT = """\
Return-Path: <>
From: {sender}
To: {to}
Subject: {subject}
Message-ID: <return-{id}@sandbox.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind}; boundary="=report"

--=report
Content-Type: text/plain; charset=utf-8

This is a report about an e-mail you sent.

--=report
Content-Type: message/{kind}

{fields}
--=report
Content-Type: text/rfc822-headers

Message-ID: {about}

--=report--
"""
_LETTER = """\
From: Marta <{sender}>
To: {to}
Subject: Re: {subject}
Message-ID: <return-{id}@sandbox.example>
In-Reply-To: {about}
{extra}MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

{text}

Em 11/03/2026, Veloc escreveu:
{quoted}
"""


def of(email):
    """Return what comes back for one e-mail taken, "" for most."""
    for address in email["rcpt_tos"]:
        name = address.partition("@")[0].partition("+")[0]
        if name in REPORTS:
            return _report(email, address, *REPORTS[name])
        if name == COMPLAIN:
            return _complaint(email)
        if name in TEXTS:
            return _letter(email, address, name)
    return ""


def _header(email, name):
    return next((v for n, v in email["headers"] if n.lower() == name.lower()), "")


def _report(email, address, action, status, said):
    return _REPORT.format(
        sender="Mail Delivery System <MAILER-DAEMON@sandbox.example>",
        to=email["mail_from"],
        subject="Undelivered Mail Returned to Sender",
        id=email["id"],
        kind="delivery-status",
        fields="Reporting-MTA: dns; sandbox.example\n\n"
        f"Final-Recipient: rfc822; {address}\nAction: {action}\n"
        f"Status: {status}\nDiagnostic-Code: smtp; {said}\n",
        about=_header(email, "Message-ID"),
    )


def _complaint(email):
    return _REPORT.format(
        sender="Feedback Loop <staff@sandbox.example>",
        to=email["mail_from"],
        subject="complaint about message",
        id=email["id"],
        kind="feedback-report",
        fields="Feedback-Type: abuse\nUser-Agent: Sandbox/1.0\nVersion: 1\n",
        about=_header(email, "Message-ID"),
    )


def _letter(email, address, kind):
    return _LETTER.format(
        sender=address,
        to=_header(email, "Reply-To") or parseaddr(email["from"])[1],
        subject=email["subject"],
        id=email["id"],
        about=_header(email, "Message-ID"),
        extra="Auto-Submitted: auto-replied\n" if kind == AWAY else "",
        text=TEXTS[kind],
        quoted="\n".join(f"> {line}" for line in email["text"].splitlines()),
    )
