import pytest

from odoo.addons.veloc_messaging.rules import fallback


@pytest.mark.parametrize(
    ("text", "failed", "first", "found"),
    [
        ("sms,email", "whatsapp", "whatsapp", "sms"),
        ("sms,email", "sms", "whatsapp", "email"),
        ("sms,email", "email", "whatsapp", None),
        ("whatsapp,sms", "whatsapp", "whatsapp", "sms"),
        ("sms,whatsapp,email", "sms", "whatsapp", "email"),
        ("whatsapp", "whatsapp", "whatsapp", None),
        ("", "sms", "sms", None),
        (None, "sms", "sms", None),
    ],
)
def test_the_list_is_gone_through_once(text, failed, first, found):
    assert fallback.next_channel(text, failed, first) == found


@pytest.mark.parametrize("text", ["sms,email,whatsapp,push", "email", "push,email,sms"])
@pytest.mark.parametrize("first", ["sms", "whatsapp", "email"])
def test_every_chain_ends_and_tries_no_channel_twice(text, first):
    seen, channel = [first], first
    while channel := fallback.next_channel(text, channel, first):
        seen.append(channel)

    assert len(seen) == len(set(seen))
    assert set(seen) == {first, *fallback.parse(text)}


def test_the_occasion_keeps_its_key():
    second = fallback.key_of("step-7", "sms")

    assert second == "step-7/fb:sms"
    assert fallback.key_of(second, "email") == "step-7/fb:email"
