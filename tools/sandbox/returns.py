"""Mails that come back: bounces, delays, complaints, absences and answers.

The local part of the recipient asks for one, like Twilio's magic numbers. Nothing is
sent: ``GET /sandbox/bounces`` shows them, ready for Odoo's mail gateway.
"""

from email.message import EmailMessage
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


def of(email):
    """Return what comes back for one e-mail taken, None for most."""
    for address in email["rcpt_tos"]:
        name = address.partition("@")[0].partition("+")[0]
        if name in REPORTS:
            return _report(email, address, *REPORTS[name])
        if name == COMPLAIN:
            return _complaint(email)
        if name in TEXTS:
            return _letter(email, address, name)
    return None


def _new(email, sender, to, subject):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Message-ID"] = f"<return-{email['id']}@sandbox.example>"
    return mail


def _header(email, name):
    return next((v for n, v in email["headers"] if n.lower() == name.lower()), "")


def _quoted(email):
    original = EmailMessage()
    original["Message-ID"] = _header(email, "Message-ID")
    original["Subject"] = email["subject"]
    return original


def _multipart(mail, kind, fields, email):
    mail.set_content("This is a report about an e-mail you sent.")
    mail.make_mixed()
    part = EmailMessage()
    part.set_content(fields)
    part.replace_header("Content-Type", f"message/{kind}")
    mail.attach(part)
    mail.add_attachment(_quoted(email))
    mail.replace_header("Content-Type", "multipart/report")
    mail.set_param("report-type", kind)
    return mail


def _report(email, address, action, status, said):
    sender = "Mail Delivery System <MAILER-DAEMON@sandbox.example>"
    mail = _new(email, sender, email["mail_from"], "Undelivered Mail")
    mail["Return-Path"] = "<>"
    fields = (
        "Reporting-MTA: dns; sandbox.example\n\n"
        f"Final-Recipient: rfc822; {address}\nAction: {action}\n"
        f"Status: {status}\nDiagnostic-Code: smtp; {said}\n"
    )
    return _multipart(mail, "delivery-status", fields, email)


def _complaint(email):
    sender = "Feedback Loop <staff@sandbox.example>"
    mail = _new(email, sender, email["mail_from"], "complaint about message")
    fields = "Feedback-Type: abuse\nUser-Agent: Sandbox/1.0\nVersion: 1\n"
    return _multipart(mail, "feedback-report", fields, email)


def _letter(email, address, kind):
    to = _header(email, "Reply-To") or parseaddr(email["from"])[1]
    mail = _new(email, f"Marta <{address}>", to, f"Re: {email['subject']}")
    mail["In-Reply-To"] = _header(email, "Message-ID")
    if kind == AWAY:
        mail["Auto-Submitted"] = "auto-replied"
    quoted = "\n".join(f"> {line}" for line in email["text"].splitlines())
    mail.set_content(f"{TEXTS[kind]}\n\nEm 11/03/2026, Veloc escreveu:\n{quoted}\n")
    return mail
