"""What mail servers mean by their codes, and by the words beside them."""

import pytest

from odoo.addons.veloc_messaging.rules import smtp_status


@pytest.mark.parametrize(
    ("text", "given", "expected"),
    [
        ("550 5.1.1 User unknown", "", "5.1.1"),
        ("550 No such user here", "", "5.1.1"),
        ("550 5.7.1 <a@b>: Recipient address rejected: User unknown", "", "5.1.1"),
        ("550 5.7.1 Message rejected as spam", "", "5.7.1"),
        ("554 5.7.9 Message not accepted for policy reasons", "", "5.7.9"),
        ("554 rejected due to spam content", "", "5.7.1"),
        ("552 Mailbox is over quota", "", "5.2.2"),
        ("452 4.2.2 mailbox full", "", "4.2.2"),
        ("451 Greylisted", "", "4.0.0"),
        ("something", "5.4.4", "5.4.4"),
        ("mailbox unavailable", "5.5.0", "5.1.1"),
        ("the server at 5.1.1.1 was busy", "", ""),
        ("nothing at all", "", ""),
        ("Caixa postal cheia", "5.0.0", "5.2.2"),
    ],
)
def test_the_words_decide_where_the_code_is_vague(text, given, expected):
    assert smtp_status.status_of(text, given) == expected


@pytest.mark.parametrize("status", ["5.1.1", "5.1.2", "5.1.10", "5.2.1"])
def test_dead_addresses_are_known(status):
    assert smtp_status.is_dead(status)


@pytest.mark.parametrize("status", ["5.2.2", "5.7.1", "4.4.1", "5.0.0", "", "5.4.7"])
def test_a_refused_letter_does_not_make_the_address_dead(status):
    assert not smtp_status.is_dead(status)


def test_codes_do_not_collide():
    codes = {
        smtp_status.code_of(f"{first}.{subject}.{detail}")
        for first in (2, 4, 5)
        for subject in range(8)
        for detail in (0, 1, 10, 100, 520, 999)
    }
    assert len(codes) == 3 * 8 * 6
    assert min(codes) > 999  # the plain SMTP codes


def test_addresses_leave_the_text():
    text = "550 <ana.maria+x@example.com>: (rui@example.com) is over quota"
    assert "@" not in smtp_status.without_addresses(text)
