"""Mails that came back, as real servers write them."""

import email
import email.policy
from pathlib import Path

import pytest

from odoo.addons.veloc_messaging.rules import dsn

MAILS = Path(__file__).parents[2] / "vectors" / "mail"
REFERENCE = "0123456789abcdef0123456789abcdef"
REPORTS = {
    "gmail_unknown": ("bounce", "5.1.1"),
    "gmail_full": ("bounce", "5.2.2"),
    "gmail_delay": ("delay", "4.4.1"),
    "outlook_unavailable": ("bounce", "5.1.1"),  # says 5.5.0, means the address
    "office365_unknown": ("bounce", "5.1.10"),
    "office365_policy": ("bounce", "5.7.520"),
    "postfix_unknown": ("bounce", "5.1.1"),
    "postfix_no_domain": ("bounce", "5.1.2"),
    "postfix_gave_up": ("bounce", "4.4.1"),
    "postfix_delay": ("delay", "4.2.2"),
    "ses_unknown": ("bounce", "5.1.1"),
    "yahoo_unknown": ("bounce", "5.1.1"),  # says 5.0.0
    "success": ("arrived", "2.0.0"),
    "exim_prose": ("bounce", "5.1.1"),
    "exim_warning": ("delay", "4.0.0"),
    "qmail_prose": ("bounce", "5.2.2"),
    "uol_prose": ("bounce", "5.1.1"),
    "hotmail_complaint": ("complaint", ""),
    "ses_complaint": ("complaint", ""),
    "not_spam": ("other", ""),
}
AWAY = ("away_rfc3834", "away_outlook", "away_subject", "away_header")
PEOPLE = ("person_gmail", "person_asks_about_failure")


def read(name):
    raw = (MAILS / f"{name}.eml").read_bytes()
    return dsn.read(email.message_from_bytes(raw, policy=email.policy.SMTP))


@pytest.mark.parametrize(("name", "expected"), REPORTS.items())
def test_a_report_is_understood(name, expected):
    report = read(name)
    assert (report.kind, report.status) == expected


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_names_the_message_it_is_about(name):
    assert read(name).references == (REFERENCE,)


@pytest.mark.parametrize("name", REPORTS)
def test_the_address_of_the_person_is_not_kept(name):
    assert "@" not in read(name).detail


@pytest.mark.parametrize("name", AWAY)
def test_an_absence_is_an_automatic_answer(name):
    assert read(name).kind == "auto"


@pytest.mark.parametrize("name", PEOPLE)
def test_what_a_person_writes_is_no_report(name):
    assert read(name) is None


def test_every_sample_is_tested():
    named = {*REPORTS, *AWAY, *PEOPLE}
    assert named == {path.stem for path in MAILS.glob("*.eml")}


def test_of_several_recipients_the_worst_counts():
    raw = (MAILS / "success.eml").read_text()
    second = "Final-Recipient: rfc822; b@example.com\nAction: failed\nStatus: 5.1.1\n"
    raw = raw.replace("250 2.0.0 OK\n", f"250 2.0.0 OK\n\n{second}")
    report = dsn.read(email.message_from_string(raw, policy=email.policy.SMTP))
    assert (report.kind, report.status) == ("bounce", "5.1.1")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"Content-Type: multipart/report; report-type=delivery-status\n\nnothing",
        b'Content-Type: multipart/report; boundary="x"\n\n--x\n'
        b"Content-Type: message/delivery-status\n\n\n--x--\n",
        b"From: MAILER-DAEMON@x\nSubject: Undelivered\n"
        b"Content-Type: text/plain; charset=nonsense\n\n\xe9\xe9",
        b"From: a@b\nAuto-Submitted: ;;;\n\nx",
    ],
)
def test_a_broken_mail_breaks_nothing(raw):
    report = dsn.read(email.message_from_bytes(raw, policy=email.policy.SMTP))
    assert report is None or report.kind in {"auto", "other", "bounce"}
