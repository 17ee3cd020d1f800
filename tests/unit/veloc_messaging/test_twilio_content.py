"""Templates are kept at Twilio and handed to WhatsApp in a second call."""

from base64 import b64encode
from dataclasses import replace

import pytest

from odoo.addons.veloc_messaging.providers import base, twilio

SID, REF = "AC" + "0" * 32, "HX" + "1" * 32
SPEC = base.TemplateSpec("aviso", "pt_BR", "UTILITY", "Oi {{1}}, tudo bem.", ("Ana",))


@pytest.fixture
def provider(loopback):
    return twilio.TwilioProvider(
        base.Config("wa", "twilio", "whatsapp", SID, "s3cret", base_url=loopback.url)
    )


def answering(kept=(201, {}, {"sid": REF}), wish=(201, {}, {"status": "received"})):
    return lambda call: wish if "ApprovalRequests" in call.path else kept


def test_a_template_is_kept_then_handed_in(provider, loopback):
    loopback.reply = answering()

    state = provider.submit_template(SPEC)

    assert state == base.TemplateState(REF, "pending")
    keep, wish = loopback.calls
    assert (keep.path, wish.path) == (
        "/v1/Content",
        f"/v1/Content/{REF}/ApprovalRequests/whatsapp",
    )
    assert keep.json == {
        "friendly_name": "aviso",
        "language": "pt_BR",
        "variables": {"1": "Ana"},
        "types": {"twilio/text": {"body": SPEC.body}},
    }
    assert wish.json == {"name": "aviso", "category": "UTILITY"}
    basic = b64encode(f"{SID}:s3cret".encode()).decode()
    assert {call.headers["Authorization"] for call in loopback.calls} == {
        f"Basic {basic}"
    }


def test_what_twilio_does_not_keep_stays_a_draft(provider, loopback):
    refusal = 400, {}, {"code": 20001, "message": "Bad Request", "status": 400}
    loopback.reply = answering(kept=refusal)

    state = provider.submit_template(SPEC)

    assert state == base.TemplateState("", "draft", "20001 Bad Request")
    assert len(loopback.calls) == 1


def test_what_whatsapp_was_not_asked_about_is_a_draft_with_a_reference(
    provider, loopback
):
    loopback.reply = answering(wish=(500, {}, "<html>"))

    assert provider.submit_template(SPEC) == base.TemplateState(
        REF, "draft", "http_500"
    )


@pytest.mark.parametrize(
    ("approval", "status", "reason"),
    [
        ({"status": "approved"}, "approved", ""),
        ({"status": "received"}, "pending", ""),
        (
            {"status": "rejected", "rejection_reason": "INVALID"},
            "rejected",
            "INVALID",
        ),
        ({"status": "paused"}, "paused", ""),
        ({"status": "unsubmitted"}, "draft", ""),
    ],
)
def test_the_state_is_asked_for(provider, loopback, approval, status, reason):
    loopback.reply = 200, {}, {"sid": REF, "whatsapp": approval}

    assert provider.template_state(REF) == base.TemplateState(REF, status, reason)
    assert loopback.calls[0].path == f"/v1/Content/{REF}/ApprovalRequests"


@pytest.mark.parametrize(
    "reply", ["drop", (404, {}, {"code": 20404}), (200, {}, "[]"), (200, {}, {})]
)
def test_without_an_answer_it_still_waits(provider, loopback, reply):
    loopback.reply = reply

    assert provider.template_state(REF).status == "pending"


def test_without_credentials_nothing_is_handed_in(provider, loopback):
    provider.config = replace(provider.config, secret="")

    assert provider.submit_template(SPEC).status == "draft"
    assert not loopback.calls
