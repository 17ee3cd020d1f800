"""Addresses that say which message an answer is about cannot be made up."""

import pytest

from odoo.addons.veloc_messaging.rules import bounce_address
from odoo.addons.veloc_messaging.rules.bounce_address import BOUNCE, REPLY, Token

SECRET = b"secret"
REFERENCE = "0123456789abcdef0123456789abcdef"
BOX = "bounce@mail.veloc.example"


def test_an_address_says_which_message_and_what_for():
    for scope in bounce_address.SCOPES:
        address = bounce_address.make(SECRET, scope, REFERENCE, BOX)
        assert bounce_address.read(SECRET, [address]) == Token(scope, REFERENCE)


def test_the_address_survives_a_server_that_changes_capitals():
    address = bounce_address.make(SECRET, BOUNCE, REFERENCE, BOX).upper()
    assert bounce_address.read(SECRET, [address]) == Token(BOUNCE, REFERENCE)


def test_the_local_part_fits():
    longest = "a" * 15 + "@veloc.example"
    assert bounce_address.is_mailbox(longest)
    address = bounce_address.make(SECRET, BOUNCE, REFERENCE, longest)
    assert len(address.partition("@")[0]) <= 64


@pytest.mark.parametrize("place", [8, 20, 40, 50])
def test_a_changed_address_is_not_heard(place):
    address = bounce_address.make(SECRET, BOUNCE, REFERENCE, BOX)
    other = "0" if address[place] != "0" else "1"
    forged = address[:place] + other + address[place + 1 :]
    assert bounce_address.read(SECRET, [forged]) is None


def test_the_address_of_another_house_is_not_heard():
    address = bounce_address.make(b"other", BOUNCE, REFERENCE, BOX)
    assert bounce_address.read(SECRET, [address, "oi@veloc.example", ""]) is None


def test_a_reply_address_is_no_bounce_address():
    reply = bounce_address.make(SECRET, REPLY, REFERENCE, BOX)
    assert bounce_address.read(SECRET, [reply]).scope == REPLY


def test_a_header_with_names_and_several_addresses_is_read():
    address = bounce_address.make(SECRET, REPLY, REFERENCE, BOX)
    header = f'"Veloc" <oi@veloc.example>, Outro <{address}>'
    assert bounce_address.read(SECRET, [header]) == Token(REPLY, REFERENCE)


@pytest.mark.parametrize(
    "text",
    ["", "bounce", "@x.y", "a+b@x.y", "Bounce@x.y", "a" * 16 + "@x.y", "a@localhost"],
)
def test_a_mailbox_that_cannot_carry_a_token_is_refused(text):
    assert not bounce_address.is_mailbox(text)


def test_only_ids_of_ours_are_references():
    text = (
        f"<CAF+x@mail.gmail.com> <{REFERENCE}@veloc.example.com> <{REFERENCE[:-1]}@x>"
    )
    assert bounce_address.references(text) == [REFERENCE]
