from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_crm.rules import capture_ticket as rule

NOW = datetime(2026, 11, 22, 12, 0)
KEY = b"k" * 32
TICKET = rule.Ticket("ebook", 7, "n-1", NOW)


def read(text, form="ebook", key=KEY, after=timedelta(seconds=10)):
    return rule.read(text, form, key, NOW + after)


def test_a_ticket_comes_back_as_it_was_issued():
    assert read(rule.issue(TICKET, KEY)) == (TICKET, "")


@pytest.mark.parametrize(
    ("after", "fault"),
    [
        (timedelta(seconds=1), "too_fast"),
        (timedelta(seconds=2), ""),
        (timedelta(hours=2), ""),
        (timedelta(hours=2, seconds=1), "expired_ticket"),
        (timedelta(seconds=-1), "expired_ticket"),
    ],
)
def test_a_form_is_neither_sent_at_once_nor_for_ever(after, fault):
    assert read(rule.issue(TICKET, KEY), after=after)[1] == fault


def test_a_ticket_of_another_form_or_key_is_none():
    text = rule.issue(TICKET, KEY)
    assert read(text, form="other") == (None, "bad_ticket")
    assert read(text, key=b"x" * 32) == (None, "bad_ticket")


@given(st.integers(0, 200), st.characters())
def test_a_changed_letter_makes_it_void(position, letter):
    text = rule.issue(TICKET, KEY)
    position %= len(text)
    changed = text[:position] + letter + text[position + 1 :]
    assert changed == text or read(changed) == (None, "bad_ticket")


@given(st.none() | st.integers() | st.text() | st.lists(st.text()))
def test_whatever_is_sent_as_a_ticket_is_refused_without_a_fault(raw):
    assert read(raw) == (None, "bad_ticket")


def test_only_who_has_the_key_can_name_a_trader():
    proof = rule.proof_of_trader("VB-1", KEY)
    assert rule.is_proven("VB-1", proof, KEY)
    assert not rule.is_proven("VB-2", proof, KEY)
    assert not rule.is_proven("VB-1", None, KEY)
    assert not rule.is_proven("VB-1", "é", KEY)
