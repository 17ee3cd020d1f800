"""Whatever somebody sends on WhatsApp has words, or a reason why not."""

import json

import pytest

from odoo.addons.veloc_messaging.rules import whatsapp_events, whatsapp_message

MESSAGE = {"from": "5511961234567", "id": "wamid.1", "timestamp": "1749416383"}


def said(**fields):
    """Return the event of one message."""
    value = {"messages": [{**MESSAGE, **fields}]}
    changes = [{"field": "messages", "value": value}]
    (event,) = whatsapp_events.parse(json.dumps({"entry": [{"changes": changes}]}))
    return event


@pytest.mark.parametrize(
    ("fields", "body", "texts"),
    [
        ({"type": "text", "text": {"body": "Oi 🙏"}}, "Oi 🙏", ("Oi 🙏",)),
        (
            {"type": "button", "button": {"payload": "OPTOUT", "text": "Parar"}},
            "Parar",
            ("OPTOUT", "Parar"),
        ),
        (
            {"type": "interactive", "interactive": {
                "type": "button_reply", "button_reply": {"id": "y", "title": "Sim"}}},
            "Sim",
            ("y", "Sim"),
        ),
        (
            {"type": "interactive", "interactive": {
                "type": "list_reply", "list_reply": {"id": "2", "title": "Saques"}}},
            "Saques",
            ("2", "Saques"),
        ),
        (
            {"type": "interactive", "interactive": {
                "type": "nfm_reply", "nfm_reply": {"response_json": "{}"}}},
            "{}",
            (),
        ),
        (
            {"type": "location", "location": {
                "latitude": -23.5, "longitude": -46.6, "name": "MASP"}},
            "MASP (-23.5, -46.6)",
            (),
        ),
        (
            {"type": "contacts", "contacts": [{
                "name": {"formatted_name": "Rui"}, "phones": [{"phone": "+55 11"}]}]},
            "Rui: +55 11",
            (),
        ),
        (
            {"type": "order", "order": {"text": "quero", "product_items": [
                {"quantity": 2, "product_retailer_id": "SKU"}]}},
            "quero\n2 x SKU",
            (),
        ),
        (
            {"type": "unsupported", "errors": [{"code": 131051, "title": "Odd"}]},
            "Odd",
            (),
        ),
    ],
)  # fmt: skip
def test_every_kind_of_message_has_words(fields, body, texts):
    event = said(**fields)
    assert (event.kind, event.body, event.texts) == ("inbound", body, texts)


@pytest.mark.parametrize("kind", whatsapp_message.MEDIA)
def test_media_come_as_ids(kind):
    part = {"id": "777", "mime_type": "image/jpeg", "caption": "STOP", "sha256": "x"}
    event = said(**{"type": kind, kind: part})
    assert (event.media, event.body) == ((("777", "image/jpeg"),), "STOP")
    assert event.texts == ()


def test_an_unsupported_message_says_so_in_its_own_errors():
    event = said(type="unsupported", errors=[{"code": 131051, "title": "Unsupported"}])
    assert event.error_code == 131051


def test_answers_reactions_and_edits_point_at_what_they_are_about():
    quoted = said(type="text", text={"body": "sim"}, context={"id": "wamid.0"})
    assert quoted.reply_to == "wamid.0"
    reaction = said(type="reaction", reaction={"message_id": "wamid.7", "emoji": "👍"})
    assert (reaction.body, reaction.reply_to) == ("👍", "wamid.7")
    inner = {"type": "text", "text": {"body": "SAIR"}}
    edit = said(type="edit", edit={"original_message_id": "wamid.5", "message": inner})
    assert (edit.texts, edit.reply_to) == (("SAIR",), "wamid.5")


@pytest.mark.parametrize("kind", ["request_welcome", "revoke", "new_in_2027", ""])
def test_what_is_no_utterance_is_kept_but_is_no_message(kind):
    event = said(type=kind)
    assert (event.kind, event.status) == ("other", kind or "messages")
