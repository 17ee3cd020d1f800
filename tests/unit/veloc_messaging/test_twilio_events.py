from urllib.parse import urlencode

import pytest

from odoo.addons.veloc_messaging.rules import twilio_events

STATUS = {
    "MessageSid": "SM1",
    "SmsSid": "SM1",
    "MessageStatus": "delivered",
    "SmsStatus": "delivered",
    "AccountSid": "AC1",
    "From": "+5511999990000",
    "To": "+5511961234567",
}
INBOUND = {
    "MessageSid": "SM9",
    "SmsStatus": "received",
    "AccountSid": "AC1",
    "From": "whatsapp:+551161234567",
    "To": "whatsapp:+5511999990000",
    "Body": "Oi",
}


def parse(form, **more):
    return twilio_events.parse(urlencode(form | more))


def test_a_status_callback():
    event = parse(STATUS, MessageStatus="undelivered", ErrorCode="30003")

    assert (event.kind, event.provider_ref, event.status, event.error_code) == (
        "status",
        "SM1",
        "undelivered",
        30003,
    )
    assert (event.channel, event.account_ref) == ("sms", "AC1")


def test_an_incoming_whatsapp():
    event = parse(INBOUND)

    assert (event.kind, event.channel, event.sender, event.texts) == (
        "inbound",
        "whatsapp",
        "+551161234567",
        ("Oi",),
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("STOP", "stop"),
        ("stop", "stop"),
        ("START", "start"),
        ("HELP", "help"),
        ("X", None),
    ],
)
def test_what_twilio_did_about_it(given, expected):
    assert parse(INBOUND, OptOutType=given).opt_out == expected


def test_the_payload_of_a_button_is_read_before_its_label():
    event = parse(INBOUND, ButtonPayload="OPTOUT", ButtonText="Não quero mais")

    assert event.texts == ("OPTOUT", "Oi", "Não quero mais")


def test_copies_have_one_key_and_other_events_have_others():
    first = parse(STATUS).key

    assert parse(STATUS, To="+5511000000000").key == first
    assert parse(STATUS, MessageStatus="sent").key != first
    assert parse(STATUS, ErrorCode="30003").key != first
    assert parse(STATUS, MessageSid="SM2").key != first
    assert parse(INBOUND, MessageSid="SM1").key != first


def test_an_unknown_status_is_kept_as_it_is():
    event = parse(STATUS, MessageStatus="Teleported")

    assert (event.kind, event.status) == ("status", "teleported")


@pytest.mark.parametrize("code", ["", "abc", "12345678901234567890", "-1"])
def test_a_strange_error_code_is_no_code(code):
    assert parse(STATUS, ErrorCode=code).error_code is None


@pytest.mark.parametrize("form", [{}, {"a": "b"}, {"MessageStatus": "sent"}])
def test_something_else_is_kept_too(form):
    event = twilio_events.parse(urlencode(form))

    assert event.kind == "other"
    assert len(event.key) < 100


def test_two_unknown_things_are_told_apart():
    keys = {twilio_events.parse(raw).key for raw in ("{}", "[]", "[]")}

    assert len(keys) == 2


def test_of_a_repeated_name_the_first_value_counts():
    pairs = [*STATUS.items(), ("MessageStatus", "failed")]

    assert twilio_events.parse(urlencode(pairs)).status == "delivered"


def test_who_writes_without_a_number_is_known_by_an_id():
    for name in ("ExternalUserId", "ExternalUserIdentifier"):
        event = parse(INBOUND, From="whatsapp:BR.1349", **{name: "BR.1349"})
        assert (event.sender, event.sender_id) == ("", "BR.1349")
    event = parse(INBOUND, From="whatsapp:BR.1349")
    assert (event.sender, event.sender_id) == ("", "BR.1349")


def test_the_name_and_the_id_at_whatsapp_are_read():
    event = parse(INBOUND, WaId="551161234567", ProfileName="Ana")

    assert (event.sender, event.sender_id) == ("+551161234567", "551161234567")
    assert event.sender_name == "Ana"


def test_media_and_the_message_answered_are_read():
    event = parse(
        INBOUND,
        NumMedia="2",
        MediaUrl0="https://api.twilio.com/1",
        MediaContentType0="image/jpeg",
        MediaUrl1="https://api.twilio.com/2",
        OriginalRepliedMessageSid="SM0",
    )

    assert event.media == (
        ("https://api.twilio.com/1", "image/jpeg"),
        ("https://api.twilio.com/2", ""),
    )
    assert event.reply_to == "SM0"


def test_what_the_channel_says_about_a_failure_is_kept():
    event = parse(STATUS, MessageStatus="failed", ChannelStatusMessage="no such user")

    assert event.error_detail == "no such user"


def test_a_nul_in_the_text_is_dropped():
    assert parse(INBOUND, Body="oi\x00!").body == "oi!"


@pytest.mark.parametrize("sender", ["", "whatsapp:", "+", "abc", "12345", "+" * 50])
def test_a_strange_sender_breaks_nothing(sender):
    assert parse(INBOUND, From=sender, SmsStatus="received").kind == "inbound"
