"""What comes back from magic recipients is what our own reader understands."""

import email
import email.policy
import smtplib
from email.message import EmailMessage

import pytest

from odoo.addons.veloc_messaging.rules import dsn


def returned(sandbox, name):
    letter = EmailMessage()
    letter["From"], letter["To"] = "veloc@example.com", f"{name}@example.com"
    letter["Subject"], letter["Message-ID"] = "Oi", "<1@veloc.example.com>"
    letter.set_content("Oi")
    with smtplib.SMTP("127.0.0.1", sandbox.smtp_port, timeout=5) as smtp:
        smtp.send_message(letter)
    return [found["mail"] for found in sandbox.get("bounces")["bounces"]]


@pytest.mark.parametrize(
    ("name", "kind", "status"),
    [
        ("bounce-511", "bounce", "5.1.1"),
        ("bounce-522", "bounce", "5.2.2"),
        ("bounce-571", "bounce", "5.7.1"),
        ("delay-441", "delay", "4.4.1"),
        ("complain", "complaint", ""),
        ("away", "auto", ""),
    ],
)
def test_a_magic_recipient_sends_its_report_back(sandbox, name, kind, status):
    (raw,) = returned(sandbox, name)
    report = dsn.read(email.message_from_string(raw, policy=email.policy.SMTP))
    assert (report.kind, report.status) == (kind, status)


def test_a_person_answers(sandbox):
    (raw,) = returned(sandbox, "answer")
    assert dsn.read(email.message_from_string(raw, policy=email.policy.SMTP)) is None


def test_from_everybody_else_nothing_comes_back(sandbox):
    assert not returned(sandbox, "ana")
