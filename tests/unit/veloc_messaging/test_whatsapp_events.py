"""What Meta tells us is taken apart without losing a word."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from odoo.addons.veloc_messaging.rules import whatsapp_events

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "whatsapp_cloud_api.json").read_text()
)
METADATA = {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"}
CONTACT = {
    "profile": {"name": "Ana Prado"},
    "wa_id": "5511961234567",
    "user_id": "BR.42",
}
MESSAGE = {"from": "5511961234567", "id": "wamid.1", "timestamp": "1749416383"}
STATUS = {"id": "wamid.9", "status": "sent", "timestamp": "1750263773"}


def call(*changes, **entry):
    """Return a webhook body with these (field, value) changes."""
    changes = [{"field": field, "value": value} for field, value in changes]
    entry = {"id": "102290129340398", "changes": changes, **entry}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]})


def messages(*updates, contacts=(CONTACT,)):
    value = {"metadata": METADATA, "contacts": list(contacts), "messages": updates}
    return call(("messages", value))


def statuses(*updates):
    return call(("messages", {"metadata": METADATA, "statuses": list(updates)}))


def one(payload):
    (event,) = whatsapp_events.parse(payload)
    return event


# === THE VECTORS === #


def test_the_published_message_is_understood():
    event = one(json.dumps(VECTORS["webhook_examples"][0]))
    assert (event.kind, event.provider_ref) == (
        "inbound",
        "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=",
    )
    assert (event.account_ref, event.channel) == ("106540352242922", "whatsapp")
    assert (event.sender, event.sender_name) == ("+16505551234", "Sheena Nelson")
    assert event.body == "Does it come in another color?"
    assert event.texts == (event.body,)
    assert event.at == datetime(2025, 6, 8, 20, 59, 43)


def test_the_published_status_is_understood():
    event = one(json.dumps(VECTORS["webhook_examples"][1]))
    assert (event.kind, event.status) == ("status", "delivered")
    assert event.provider_ref == (
        "wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI3MTE5MjVBOTE3MDk5QUVFM0YA"
    )
    assert (event.price_category, event.is_billable) == ("service", True)
    assert event.error_code is None


# === BATCHES === #


def test_a_batch_is_split_and_each_piece_says_the_same_alone():
    value = {"metadata": METADATA, "contacts": [CONTACT], "messages": [
        {**MESSAGE, "type": "text", "text": {"body": "Oi"}},
        {**MESSAGE, "id": "wamid.2", "type": "text", "text": {"body": "SAIR"}},
    ], "statuses": [STATUS, {**STATUS, "status": "read"}]}  # fmt: skip
    wish = {"category": "marketing_messages", "value": "stop", "wa_id": "551196"}
    payload = call(
        ("messages", value),
        ("user_preferences", {"metadata": METADATA, "user_preferences": [wish]}),
        ("message_template_status_update", {"event": "APPROVED"}),
        ("account_update", {"event": "VERIFIED_ACCOUNT"}),
        time=1750000000,
    )
    events = whatsapp_events.parse(payload)
    assert [event.kind for event in events] == [
        *("status", "status", "inbound", "inbound", "preference", "template", "other")
    ]
    assert len({event.key for event in events}) == 7
    for event in events:
        assert whatsapp_events.parse(event.payload) == [event]


def test_a_thousand_updates_keep_their_own_contacts():
    people = [
        {"profile": {"name": f"P{n}"}, "wa_id": f"55119{n:08}"} for n in range(500)
    ]
    updates = [
        {**MESSAGE, "id": f"wamid.{n}", "from": f"55119{n:08}", "type": "text",
         "text": {"body": str(n)}}
        for n in range(500)
    ]  # fmt: skip
    events = whatsapp_events.parse(messages(*updates, contacts=people))
    assert len(events) == 500
    assert all(event.sender_name == f"P{event.body}" for event in events)
    assert len(events[7].payload) < 600


def test_copies_have_the_same_key_and_later_statuses_another():
    first, copy = (one(statuses(STATUS)) for _time in range(2))
    later = one(statuses({**STATUS, "status": "delivered"}))
    failed = one(statuses({**STATUS, "status": "failed", "errors": [{"code": 131026}]}))
    other = one(statuses({**STATUS, "status": "failed", "errors": [{"code": 131047}]}))
    assert first.key == copy.key == "st|wamid.9|sent|"
    assert len({first.key, later.key, failed.key, other.key}) == 4


def test_an_overlong_id_gets_a_short_key():
    first = one(statuses({**STATUS, "id": "w" * 5000}))
    other = one(statuses({**STATUS, "id": "w" * 5001}))
    assert len(first.key) < 80
    assert first.key != other.key


@pytest.mark.parametrize("payload", ["", "{", "[]", "7", '{"entry": 3}', "[" * 100000])
def test_what_is_no_webhook_is_kept_as_it_came(payload):
    event = one(payload)
    assert (event.kind, event.payload) == ("other", payload)


def test_a_call_without_updates_is_nothing():
    body = VECTORS["hub_signature_vectors"][0]["body"]
    assert whatsapp_events.parse(body) == []


# === STATUSES === #


def test_a_status_hands_our_reference_back():
    event = one(statuses({**STATUS, "biz_opaque_callback_data": "abc123"}))
    assert event.reference == "abc123"
    assert event.sender == event.sender_id == ""


def test_a_failed_status_says_why():
    error = {
        "code": 131047,
        "title": "Re-engagement message",
        "error_data": {"details": "More than 24 hours"},
    }
    event = one(statuses({**STATUS, "status": "failed", "errors": [error]}))
    assert (event.error_code, event.error_detail) == (131047, "More than 24 hours")


def test_an_error_of_the_number_itself_is_kept():
    error = {"code": 130429, "title": "Rate limit hit"}
    event = one(call(("messages", {"metadata": METADATA, "errors": [error]})))
    assert (event.kind, event.status) == ("other", "error")
    assert (event.error_code, event.error_detail) == (130429, "Rate limit hit")


@pytest.mark.parametrize("code", ["131047", True, -1, 2**40, None, [1]])
def test_a_code_that_is_no_number_is_no_code(code):
    event = one(statuses({**STATUS, "status": "failed", "errors": [{"code": code}]}))
    assert (event.kind, event.error_code) == ("status", None)


# === WHO THEY ARE === #


def test_a_person_without_a_number_has_an_id():
    contact = {"profile": {"name": "Hidden"}, "user_id": "BR.77"}
    update = {"from_user_id": "BR.77", "id": "wamid.3", "type": "text",
              "text": {"body": "oi"}}  # fmt: skip
    event = one(messages(update, contacts=[contact]))
    assert (event.sender, event.sender_id) == ("", "BR.77")
    assert event.sender_name == "Hidden"


def test_the_id_goes_before_the_number_and_an_old_account_lacks_the_nine():
    contact = {"wa_id": "558561234567", "user_id": "BR.5"}
    update = {**MESSAGE, "from": "558561234567", "type": "text", "text": {"body": "x"}}
    event = one(messages(update, contacts=[contact]))
    assert (event.sender, event.sender_id) == ("+558561234567", "BR.5")


@pytest.mark.parametrize(
    ("system", "status", "new"),
    [
        (
            {"type": "user_changed_number", "wa_id": "5511988887777"},
            "user_changed_number",
            ("5511988887777",),
        ),
        (
            {"type": "customer_changed_number", "new_wa_id": "5511988887777"},
            "user_changed_number",
            ("5511988887777",),
        ),
        (
            {"type": "user_changed_user_id", "user_id": "BR.99", "wa_id": "5511"},
            "user_changed_user_id",
            ("5511", "BR.99"),
        ),
    ],
)
def test_a_changed_number_names_the_old_and_the_new(system, status, new):
    update = {**MESSAGE, "type": "system", "system": {"body": "changed", **system}}
    event = one(messages(update, contacts=[]))
    assert (event.kind, event.status, event.texts) == ("other", status, new)
    assert event.sender == "+5511961234567"


@pytest.mark.parametrize(("value", "opt_out"), [("stop", "stop"), ("resume", "start")])
def test_marketing_is_switched_off_and_on_in_whatsapp(value, opt_out):
    wish = {
        "wa_id": "5511961234567",
        "user_id": "BR.42",
        "detail": "User requested",
        "category": "marketing_messages",
        "value": value,
        "timestamp": 1750263773,
    }
    value = {"metadata": METADATA, "contacts": [CONTACT], "user_preferences": [wish]}
    event = one(call(("user_preferences", value)))
    assert (event.kind, event.opt_out) == ("preference", opt_out)
    assert (event.sender, event.sender_id) == ("+5511961234567", "BR.42")
    assert event.body == "marketing_messages"


def test_a_wish_of_nobody_is_not_understood_but_kept():
    wish = {"category": "marketing_messages", "value": "stop"}
    assert one(call(("user_preferences", {"user_preferences": [wish]}))).kind == "other"


# === TEMPLATES === #


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("APPROVED", "approved"),
        ("PENDING", "pending"),
        ("REJECTED", "rejected"),
        ("PAUSED", "paused"),
        ("DISABLED", "disabled"),
        ("FLAGGED", "approved"),
        ("REINSTATED", "approved"),
        ("PENDING_DELETION", "disabled"),
    ],
)
def test_a_decision_about_a_template_is_in_our_words(word, status):
    value = {
        "event": word,
        "message_template_id": 1234567890123,
        "message_template_name": "aviso_saque",
        "message_template_language": "pt_BR",
        "reason": "NONE",
    }
    event = one(call(("message_template_status_update", value), time=17))
    assert (event.kind, event.status, event.provider_ref) == (
        "template",
        status,
        "1234567890123",
    )
    assert (event.body, event.texts, event.error_detail) == (
        "aviso_saque",
        ("pt_BR",),
        "",
    )


def test_a_rejection_says_why():
    value = {"event": "REJECTED", "message_template_id": 1, "reason": "INVALID_FORMAT"}
    event = one(call(("message_template_status_update", value)))
    assert event.error_detail == "INVALID_FORMAT"


# === SAFETY === #


def test_what_the_database_cannot_store_is_taken_out():
    text = {"body": "a\x00b\ud800c"}
    many = messages(
        {**MESSAGE, "type": "text", "text": text},
        {**MESSAGE, "id": "wamid.8", "type": "text", "text": {"body": "x"}},
    )
    event = whatsapp_events.parse(many)[0]
    assert event.body == "abc"
    assert "\x00" not in event.payload
    event.payload.encode()  # half a surrogate pair would raise


@pytest.mark.parametrize("odd", [None, 7, "x", [], [None], [[]], {}, {"a": 1}])
def test_parts_of_an_odd_shape_break_nothing(odd):
    for payload in (
        json.dumps({"entry": odd}),
        json.dumps({"entry": [{"changes": odd}]}),
        call(("messages", odd)),
        call(("messages", {"messages": odd, "statuses": odd, "errors": odd})),
        call(("user_preferences", {"user_preferences": odd, "contacts": odd})),
        call(("message_template_status_update", odd)),
        messages({**MESSAGE, "type": odd, "text": odd}, contacts=[]),
        messages({"id": odd, "from": odd, "type": "text", "timestamp": odd}),
        messages({**MESSAGE, "type": "interactive", "interactive": odd}),
        statuses({"id": odd, "status": odd, "errors": odd, "pricing": odd}),
    ):
        events = whatsapp_events.parse(payload)
        assert all(event.key and event.payload for event in events)
