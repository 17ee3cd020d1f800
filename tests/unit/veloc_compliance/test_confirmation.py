import pytest

from odoo.addons.veloc_compliance.rules.confirmation import (
    Ask,
    Wish,
    fingerprint,
    new_token,
    read,
    token_hash,
)
from odoo.addons.veloc_compliance.rules.consent_item import Fault

RAW = {
    "email": " Ana@Example.com ",
    "purposes": [
        {"purpose": "marketing", "channels": ["email", "sms", "email"]},
        {"purpose": "bonus", "channels": ["email"], "version": 2},
    ],
    "source": "landing",
    "ip": "203.0.113.9",
    "name": "  Ana   Lima ",
}


def test_an_ask_is_read_with_its_wishes_each_once():
    ask = read(RAW)
    assert isinstance(ask, Ask)
    assert (ask.email, ask.name) == ("ana@example.com", "Ana Lima")
    assert ask.wishes == (
        Wish("marketing", "email"),
        Wish("marketing", "sms"),
        Wish("bonus", "email", 2),
    )
    assert ask.texts == {"source": "landing", "ip": "203.0.113.9"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": None}, "email"),
        ({"email": "ana"}, "email"),
        ({"email": "a@b"}, "email"),
        ({"email": "a@b.c\nBcc: x@y.z"}, "email"),
        ({"email": "<a@b.co>"}, "email"),
        ({"email": "a@b.co,c@d.co"}, "email"),
        ({"email": "a" * 250 + "@b.co"}, "email"),
        ({"purposes": []}, "purposes"),
        ({"purposes": "marketing"}, "purposes"),
        ({"purposes": [{"purpose": "x", "channels": []}]}, "purposes"),
        ({"purposes": [{"purpose": "x", "channels": ["fax"]}]}, "purposes"),
        ({"purposes": [{"purpose": "x", "channels": [["sms"]]}]}, "purposes"),
        (
            {"purposes": [{"purpose": "x", "channels": ["sms"], "version": True}]},
            "purposes",
        ),
        ({"purposes": [{"purpose": "x", "channels": ["sms"]}] * 21}, "purposes"),
        ({"partner_id": "7"}, "partner_id"),
        ({"partner_id": 2**31}, "partner_id"),
        ({"source": " "}, "source"),
        ({"name": 5}, "name"),
        ({"evidence": "\0"}, "evidence"),
    ],
)
def test_the_culprit_is_named(changes, field):
    assert read(RAW | changes) == Fault("invalid", field)


@pytest.mark.parametrize("raw", [None, "x", 5, []])
def test_what_is_no_object_is_said_to_be_none(raw):
    assert read(raw).code == "not_an_object"


def test_two_asks_for_the_same_are_alike_whatever_their_order():
    one = fingerprint("a@b.co", [(1, "sms"), (2, "email")])
    assert one == fingerprint("a@b.co", [(2, "email"), (1, "sms"), (1, "sms")])
    assert one != fingerprint("c@b.co", [(1, "sms"), (2, "email")])
    assert one != fingerprint("a@b.co", [(1, "sms"), (3, "email")])


def test_tokens_are_long_and_never_stored():
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) >= 43 and token not in token_hash(token) for token in tokens)
    assert token_hash("\ud800")  # what a browser sends is no excuse to crash
