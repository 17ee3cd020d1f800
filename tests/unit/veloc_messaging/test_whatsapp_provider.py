"""The adapter of Meta's Cloud API against a real server on the loopback."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from odoo.addons.veloc_messaging.providers import base, errors, transport, whatsapp

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "whatsapp_cloud_api.json").read_text()
)
NUMBER = "106540352242922"
TEXT = base.Outgoing("outbox:42", "+5511987654321", "Olá Maria", lang="pt_BR")
TEMPLATE = replace(TEXT, body="", template_name="lembrete_visita", reference="")
# What our own words for each published payload are.
MESSAGES = {
    "text": TEXT,
    "text reply": replace(TEXT, body="ok", reference="", reply_to="wamid.X"),
    "text to BSUID": replace(
        TEXT, to="BR.13491208655302741918", body="ok", reference=""
    ),
    "template no params": TEMPLATE,
    "template body params positional": replace(
        TEMPLATE,
        content_variables='{"2": "14h30", "1": "Maria"}',
        reference="outbox:43",
    ),
    "template named params": replace(
        TEMPLATE, content_variables='{"nome": "Maria", "hora": "14h30"}'
    ),
    "image by link": replace(
        TEXT, body="foto", reference="", media=("https://a.example/1.png",)
    ),
}


def accepted(**first):
    message = {"id": "wamid.1", "message_status": "accepted", **first}
    return 200, {}, {"messaging_product": "whatsapp", "messages": [message]}


def refused(code, status=400, headers=None, **error):
    error = {"message": f"(#{code}) no", "code": code, **error}
    return status, headers or {}, {"error": error}


# === WHAT IS SENT === #


@pytest.mark.parametrize("vector", VECTORS["send_payloads"], ids=lambda v: v["name"])
def test_the_published_payloads_are_what_leaves(meta, loopback, vector):
    loopback.reply = accepted()

    result = meta.send(MESSAGES[vector["name"]])

    assert result.kind == "accepted"
    (call,) = loopback.calls
    assert (call.method, call.path) == (vector["method"], vector["path"])
    assert call.json == vector["json"]
    assert call.headers["Authorization"] == "Bearer s3cret"
    assert call.headers["Content-Type"] == "application/json"


def test_no_published_payload_was_forgotten():
    assert set(MESSAGES) == {vector["name"] for vector in VECTORS["send_payloads"]}


def test_the_version_of_the_api_is_a_setting(meta, loopback):
    config = replace(meta.config, options=(("graph_version", "v27.0"),))
    loopback.reply = accepted()

    whatsapp.WhatsappProvider(config).send(TEXT)

    assert loopback.calls[0].path == f"/v27.0/{NUMBER}/messages"


def test_the_address_is_metas_when_nothing_else_is_said(meta):
    plain = whatsapp.WhatsappProvider(replace(meta.config, base_url=""))

    assert plain.root == "https://graph.facebook.com/v26.0"


@pytest.mark.parametrize("address", ["+5511987654321", "whatsapp:+5511987654321"])
def test_a_number_is_written_in_digits(meta, address):
    assert meta.payload(replace(TEXT, to=address))["to"] == "5511987654321"


def test_breaks_inside_a_value_become_a_blank(meta):
    values = json.dumps({"1": "linha um\n\n  linha dois\t\tfim      ok"})
    payload = meta.payload(replace(TEMPLATE, content_variables=values))

    (component,) = payload["template"]["components"]
    assert component["parameters"][0]["text"] == "linha um linha dois fim ok"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"to": ""}, "bad_address"),
        ({"to": "nobody"}, "bad_address"),
        ({"content_variables": "{"}, "bad_variables"),
        ({"content_variables": "[]"}, "bad_variables"),
        ({"content_variables": '{"1": " "}'}, "empty_variable"),
    ],
)
def test_what_cannot_be_written_does_not_leave(meta, loopback, change, code):
    result = meta.send(replace(TEMPLATE, **change))

    assert (result.kind, result.code) == ("permanent", code)
    assert not loopback.calls


@pytest.mark.parametrize(
    "change", [{"secret": ""}, {"account_sid": ""}, {"account_sid": "../me"}]
)
def test_without_credentials_nothing_is_tried(meta, loopback, change):
    meta.config = replace(meta.config, **change)

    result = meta.send(TEXT)

    assert (result.kind, result.whole_account) == ("config", True)
    assert not loopback.calls


def test_what_meta_cannot_do_is_refused_loudly(meta, loopback):
    with pytest.raises(base.UnsupportedError):
        meta.send(replace(TEXT, send_at=datetime(2026, 12, 1)))
    assert not loopback.calls


# === ANSWERS === #


def test_the_id_of_the_message_is_kept(meta, loopback):
    loopback.reply = accepted(message_status="held_for_quality_assessment")

    result = meta.send(TEXT)

    assert (result.kind, result.provider_ref) == ("accepted", "wamid.1")
    assert result.status == "held_for_quality_assessment"


@pytest.mark.parametrize(
    ("answer", "kind", "code", "whole"),
    [
        (refused(131047), "window", "131047", False),
        (refused(131026), "permanent", "131026", False),
        (refused(130429, 429), "slow", "130429", False),
        (refused(80007), "slow", "80007", False),
        (refused(4), "slow", "4", False),
        (refused(131056), "retry", "131056", False),
        (refused(131048), "slow", "131048", False),
        (refused(131064), "slow", "131064", False),
        (refused(368), "config", "368", True),
        (refused(130497), "policy", "130497", False),
        (refused(131049), "policy", "131049", False),
        (refused(130472), "policy", "130472", False),
        (refused(131050), "suppress", "131050", False),
        (refused(190, 401), "config", "190", True),
        (refused(10, 403), "config", "10", True),
        (refused(0, 401), "config", "0", True),
        (refused(3, 403), "config", "3", True),
        (refused(131031), "config", "131031", True),
        (refused(131042), "config", "131042", True),
        (refused(132001, 404), "config", "132001", False),
        (refused(132015), "config", "132015", False),
        (refused(999999), "permanent", "999999", False),
        (refused(131016, 503), "retry", "131016", False),
        (refused("odd", 400), "config", "400", True),
        ((400, {}, "<html>"), "config", "http_400", True),
        ((401, {}, ""), "config", "http_401", True),
        ((404, {}, "{}"), "config", "http_404", True),
        ((429, {"Retry-After": "7"}, ""), "slow", "http_429", False),
        ((500, {}, "<html>"), "in_doubt", "http_500", False),
        ((502, {}, ""), "in_doubt", "http_502", False),
        ((302, {"Location": "/x"}, ""), "in_doubt", "http_302", False),
        (refused(999999, 500), "in_doubt", "999999", False),
        ((200, {}, "<html>"), "in_doubt", "bad_answer", False),
        ((200, {}, "[]"), "in_doubt", "bad_answer", False),
        ((200, {}, {"messages": []}), "in_doubt", "bad_answer", False),
        ((200, {}, {"messages": [{"id": None}]}), "in_doubt", "bad_answer", False),
        ((200, {}, {"messages": ["x"]}), "in_doubt", "bad_answer", False),
    ],
)
def test_every_answer_has_its_consequence(meta, loopback, answer, kind, code, whole):
    loopback.reply = answer

    result = meta.send(TEXT)

    assert (result.kind, result.code, result.whole_account) == (kind, code, whole)
    assert len(loopback.calls) == 1


def test_too_much_to_one_person_waits_six_seconds_at_least(meta, loopback):
    loopback.reply = refused(131056)

    assert meta.send(TEXT).retry_after >= 6


def test_a_limit_of_the_number_rests_it_for_a_day(meta, loopback):
    loopback.reply = refused(131048)

    assert meta.send(TEXT).retry_after == 24 * 3600


def test_meta_may_say_how_long_to_wait(meta, loopback):
    loopback.reply = refused(130429, 429, {"Retry-After": "11"})

    assert meta.send(TEXT).retry_after == 11


def test_the_exact_words_of_a_refusal_are_kept(meta, loopback):
    loopback.reply = refused(132000, error_data={"details": "expected 2, got 1"})

    assert meta.send(TEXT).detail == "expected 2, got 1"


@pytest.mark.parametrize(("reply", "code"), [("drop", "cut"), ("cut", "cut")])
def test_a_cut_line_leaves_the_message_in_doubt(meta, loopback, reply, code):
    loopback.reply = reply

    result = meta.send(TEXT)

    assert (result.kind, result.code) == ("in_doubt", code)
    assert len(loopback.calls) == 1


def test_silence_leaves_the_message_in_doubt(meta, loopback, monkeypatch):
    monkeypatch.setattr(transport, "TIMEOUT", (1.0, 0.2))
    loopback.reply = "hang"

    result = meta.send(TEXT)

    assert (result.kind, result.code) == ("in_doubt", "read_timeout")


def test_what_never_left_may_be_sent_again(meta, closed_port):
    config = replace(meta.config, base_url=f"http://127.0.0.1:{closed_port}")

    result = whatsapp.WhatsappProvider(config).send(TEXT)

    assert (result.kind, result.code) == ("retry", "connect")


def test_a_look_up_proves_nothing(meta):
    search = meta.find(base.Lookup("r", "+55", "x", None))

    assert (search.sightings, search.complete) == ((), False)
    assert not whatsapp.CAPABILITIES.lookup


def test_the_secret_is_not_in_the_representation(meta):
    assert "s3cret" not in repr(meta.config)


# === THE TABLE OF CODES === #


@pytest.mark.parametrize("row", VECTORS["error_codes"], ids=lambda r: str(r["code"]))
def test_every_published_code_is_in_the_table(row):
    by_code, _by_status = errors._tables()["whatsapp"]

    assert row["code"] in by_code


@pytest.mark.parametrize(
    "code", [132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016]
)
def test_trouble_of_a_template_does_not_stop_the_account(code):
    found = errors.of_answer("whatsapp", 400, code)

    assert (found.kind, found.scope) == ("config", "template")
