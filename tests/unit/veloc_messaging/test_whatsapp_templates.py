"""Templates are handed in at Meta and asked after."""

from dataclasses import replace

import pytest

from odoo.addons.veloc_messaging.providers import base

WABA = "102290129340398"
SPEC = base.TemplateSpec("aviso", "pt_BR", "UTILITY", "Oi {{1}}, tudo bem.", ("Ana",))


def refused(code, **error):
    return 400, {}, {"error": {"message": f"(#{code}) no", "code": code, **error}}


def test_a_template_is_handed_in_with_its_samples(meta, loopback):
    loopback.reply = 200, {}, {"id": "77", "status": "PENDING", "category": "UTILITY"}

    state = meta.submit_template(SPEC)

    assert state == base.TemplateState("77", "pending")
    (call,) = loopback.calls
    assert call.path == f"/v26.0/{WABA}/message_templates"
    assert call.json == {
        "name": "aviso",
        "language": "pt_BR",
        "category": "UTILITY",
        "components": [
            {
                "type": "BODY",
                "text": "Oi {{1}}, tudo bem.",
                "example": {"body_text": [["Ana"]]},
            }
        ],
    }


def test_named_gaps_say_so(meta, loopback):
    loopback.reply = 200, {}, {"id": "77", "status": "PENDING"}

    meta.submit_template(replace(SPEC, body="Oi {{nome}}, tudo bem."))

    data = loopback.calls[0].json
    assert data["parameter_format"] == "NAMED"
    assert data["components"][0]["example"] == {
        "body_text_named_params": [{"param_name": "nome", "example": "Ana"}]
    }


def test_one_that_stands_there_already_is_adopted(meta, loopback):
    known = {"id": "9", "name": "aviso", "language": "pt_BR", "status": "APPROVED"}
    other = {**known, "id": "8", "language": "en_US"}

    def reply(call):
        if call.method == "POST":
            return refused(100, error_user_msg="exists already")
        return 200, {}, {"data": [other, known]}

    loopback.reply = reply

    assert meta.submit_template(SPEC) == base.TemplateState("9", "approved")


def test_a_template_that_meta_does_not_take_stays_a_draft(meta, loopback):
    def reply(call):
        if call.method == "POST":
            return refused(100, error_user_msg="Variables at the end")
        return 200, {}, {"data": []}

    loopback.reply = reply

    state = meta.submit_template(SPEC)

    assert (state.ref, state.status) == ("", "draft")
    assert state.reason == "100 Variables at the end"


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ({"status": "APPROVED"}, ("approved", "")),
        (
            {"status": "REJECTED", "rejected_reason": "INVALID_FORMAT"},
            ("rejected", "INVALID_FORMAT"),
        ),
        ({"status": "PAUSED", "rejected_reason": "NONE"}, ("paused", "")),
        ({}, ("pending", "")),
    ],
)
def test_the_state_of_a_template_is_asked_for(meta, loopback, shown, expected):
    loopback.reply = 200, {}, shown

    state = meta.template_state("77")

    assert (state.ref, state.status, state.reason) == ("77", *expected)
    assert loopback.calls[0].path.startswith("/v26.0/77?fields=")


@pytest.mark.parametrize("reply", ["drop", (500, {}, "<html>"), (200, {}, "[]")])
def test_trouble_of_the_service_changes_no_template(meta, loopback, reply):
    loopback.reply = reply

    assert meta.template_state("77").status == "pending"
    assert meta.submit_template(SPEC).status == "draft"


def test_without_the_account_no_template_is_handed_in(meta, loopback):
    meta.config = replace(meta.config, options=())

    assert meta.submit_template(SPEC).reason
    assert meta.template_state("77").status == "pending"
    assert not loopback.calls
