import base64

import pytest

from odoo.addons.veloc_compliance.const import CHANNELS
from odoo.addons.veloc_compliance.rules.link_token import Link, read, sign

SECRET = b"a secret of the database"
LINKS = [
    Link(1),
    Link(7, 3, "email"),
    Link(7, 3),
    Link(7, None, "sms"),
    Link(2**32 - 1, 2**16 - 1, "call"),
    *(Link(9, 1, channel) for channel, _label in CHANNELS),
]


@pytest.mark.parametrize("link", LINKS, ids=repr)
def test_a_token_says_what_was_signed(link):
    assert read(SECRET, "preferences", sign(SECRET, "preferences", link)) == link


def test_the_same_link_always_has_the_same_token():
    assert sign(SECRET, "a", Link(1)) == sign(SECRET, "a", Link(1))


def test_a_token_is_short_and_fits_a_url():
    token = sign(SECRET, "preferences", Link(123456, 12, "sms"))
    assert len(token) == 26
    assert token.replace("-", "").replace("_", "").isalnum()


def test_a_token_of_one_page_is_void_on_another():
    assert read(SECRET, "unsubscribe", sign(SECRET, "preferences", Link(1))) is None


def test_a_token_of_another_database_is_void():
    assert read(b"other", "preferences", sign(SECRET, "preferences", Link(1))) is None


def test_every_changed_bit_voids_the_token():
    token = sign(SECRET, "preferences", Link(5, 2, "sms"))
    raw = base64.urlsafe_b64decode(token + "==")
    for position in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[position // 8] ^= 1 << position % 8
        forged = base64.urlsafe_b64encode(changed).decode().rstrip("=")
        assert read(SECRET, "preferences", forged) is None


@pytest.mark.parametrize(
    "token",
    ["", "a", "abc", "é", "====", "a" * 26, "a" * 5000, "../../x", "%00", " ", "a b"],
)
def test_rubbish_is_refused_without_noise(token):
    assert read(SECRET, "preferences", token) is None


@pytest.mark.parametrize("cut", [1, 4, 10, 25])
def test_a_cut_token_is_void(cut):
    assert (
        read(SECRET, "preferences", sign(SECRET, "preferences", Link(1))[:cut]) is None
    )


def test_a_lengthened_token_is_void():
    token = sign(SECRET, "preferences", Link(1))
    assert read(SECRET, "preferences", token + "AAAA") is None


def test_links_of_different_people_differ():
    assert len({sign(SECRET, "preferences", Link(n)) for n in range(1, 200)}) == 199
