"""One item that cannot be stored must not cost the others their place."""

import pytest

from odoo.addons.veloc_messaging.rules import outbox_item

SOUND = {"partner_id": 7, "template": "t", "channel": "sms", "key": "k"}


def test_a_plain_item_is_sound():
    assert outbox_item.is_sound(SOUND)
    assert outbox_item.is_sound({**SOUND, "source": "shop,1"})


@pytest.mark.parametrize("partner_id", [0, -1, 2**31, 2**70, True, "7", None, 7.0, []])
def test_what_is_no_id_is_refused(partner_id):
    assert not outbox_item.is_sound({**SOUND, "partner_id": partner_id})


@pytest.mark.parametrize("name", ["template", "channel", "key", "source"])
@pytest.mark.parametrize("value", ["a\x00b", "\ud800", "x" * 257, ["sms"], {"a": 1}, 5])
def test_what_is_no_name_is_refused(name, value):
    assert not outbox_item.is_sound({**SOUND, name: value})


@pytest.mark.parametrize("name", ["template", "channel", "key"])
def test_what_must_be_said_is_said(name):
    assert not outbox_item.is_sound({**SOUND, name: ""})
    assert not outbox_item.is_sound({**SOUND, name: None})


def test_texts_lose_only_what_cannot_be_kept():
    assert outbox_item.storable("a\x00b\ud800ç€😀") == "abç€😀"
    assert outbox_item.storable(None) is None
    assert outbox_item.is_storable("ç€😀\n")
    assert not outbox_item.is_storable("a\x00")
