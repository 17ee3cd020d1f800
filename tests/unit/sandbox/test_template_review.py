"""Templates are reviewed, at Meta and behind Twilio's Content API."""

import time

import pytest
import requests

from odoo.addons.veloc_messaging.providers import base, twilio, whatsapp

from tools.sandbox import review
from tools.sandbox.meta import Meta

TOKEN = "loopback-token"
META = Meta(TOKEN, TOKEN, TOKEN)
AUTH = {"Authorization": f"Bearer {TOKEN}"}
TEXT = {"messaging_product": "whatsapp", "to": "5511961234567"}
TEMPLATE = {
    "name": "aviso",
    "language": {"code": "pt_BR"},
    "components": [{"type": "BODY", "parameters": [{"type": "text", "text": "Ana"}]}],
}


def code(answer):
    return answer.json()["error"]["code"]


SPEC = {
    "name": "aviso_saque",
    "language": "pt_BR",
    "category": "UTILITY",
    "components": [
        {
            "type": "BODY",
            "text": "Oi {{1}}, tudo certo.",
            "example": {"body_text": [["Ana"]]},
        }
    ],
}


def test_a_template_is_pending_then_approved_and_told(api, sandbox, door, monkeypatch):
    monkeypatch.setattr(review, "REVIEW", 30)  # a second and a half, on a busy machine
    waba = {"path": "message_templates", "owner": META.waba_id}
    created = api(SPEC, **waba).json()
    assert created["status"] == "PENDING"
    assert code(api(SPEC, **waba)) == 100
    message = {**TEXT, "type": "template"}
    used = {**TEMPLATE, "name": SPEC["name"]}
    assert code(api({**message, "template": used})) == 132001
    end = time.monotonic() + 5
    while not door.changes() and time.monotonic() < end:
        time.sleep(0.005)
    (change,) = door.changes()
    assert change["field"] == "message_template_status_update"
    assert change["value"]["event"] == "APPROVED"
    url = f"{sandbox.url}/v26.0/{created['id']}"
    shown = requests.get(url, headers=AUTH, timeout=5).json()
    assert shown["status"] == "APPROVED"
    assert api({**message, "template": used}).status_code == 200
    few = {**used, "components": []}
    assert code(api({**message, "template": few})) == 132000
    sandbox.post("templates", id=created["id"], status="paused")
    assert code(api({**message, "template": used})) == 132015


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Aviso"},
        {"category": "NEWS"},
        {"language": "português"},
        {"components": []},
        {"components": [{"type": "BODY", "text": "{{1}} no começo"}]},
        {"components": [{"type": "BODY", "text": "Oi {{1}}, sem exemplo."}]},
    ],
)
def test_a_template_that_meta_would_not_take(api, change):
    answer = api({**SPEC, **change}, "message_templates", META.waba_id)
    assert answer.status_code == 400


def test_twilios_content_api_approves_as_well(sandbox):
    auth = ("AC" + "5a" * 16, TOKEN)
    root = f"{sandbox.url}/v1/Content"
    body = {
        "friendly_name": "aviso",
        "language": "pt_BR",
        "variables": {"1": "Ana"},
        "types": {"twilio/text": {"body": "Oi {{1}}!"}},
    }
    assert requests.post(root, json=body, timeout=5).status_code == 401
    created = requests.post(root, json=body, auth=auth, timeout=5)
    assert created.status_code == 201
    root = f"{root}/{created.json()['sid']}/ApprovalRequests"
    wish = {"name": "aviso_reject", "category": "UTILITY"}
    answer = requests.post(f"{root}/whatsapp", json=wish, auth=auth, timeout=5)
    assert answer.json()["status"] == "received"
    end = time.monotonic() + 5
    while time.monotonic() < end:
        shown = requests.get(root, auth=auth, timeout=5).json()["whatsapp"]
        if shown["status"] != "pending":
            break
    assert (shown["status"], shown["rejection_reason"]) == (
        "rejected",
        "INVALID_FORMAT",
    )


@pytest.mark.parametrize("change", [{"language": ""}, {"types": {}}, {"types": 1}])
def test_content_without_its_parts_is_refused(sandbox, change):
    auth = ("AC" + "5a" * 16, TOKEN)
    body = {"language": "pt_BR", "types": {"twilio/text": {"body": "Oi"}}, **change}
    answer = requests.post(f"{sandbox.url}/v1/Content", json=body, auth=auth, timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)


# === OUR OWN ADAPTERS === #


def adapters(url):
    sid = "AC" + "5a" * 16
    return {
        "twilio": twilio.TwilioProvider(
            base.Config("t", "twilio", "whatsapp", sid, TOKEN, base_url=url)
        ),
        "whatsapp": whatsapp.WhatsappProvider(
            base.Config(
                *("m", "whatsapp", "whatsapp", META.phone_number_id, TOKEN),
                base_url=url,
                options=(("waba_id", META.waba_id),),
            )
        ),
    }


@pytest.mark.parametrize("name", ["twilio", "whatsapp"])
@pytest.mark.parametrize("word", ["fine", "reject"])
def test_our_adapters_hand_in_and_hear_the_decision(sandbox, name, word):
    adapter = adapters(sandbox.url)[name]
    text = "Oi {{1}}, seu saque saiu."
    spec = base.TemplateSpec(f"saque_{word}", "pt_BR", "UTILITY", text, ("Ana",))

    state = adapter.submit_template(spec)

    assert (state.status, bool(state.ref)) == ("pending", True)
    end = time.monotonic() + 5
    while state.status == "pending" and time.monotonic() < end:
        state = adapter.template_state(state.ref)
    wanted = {"fine": ("approved", ""), "reject": ("rejected", "INVALID_FORMAT")}
    assert (state.status, state.reason) == wanted[word]
