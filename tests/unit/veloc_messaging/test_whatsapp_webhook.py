"""Meta at our door: the handshake, the signature, the size."""

import json
from pathlib import Path

import pytest

from odoo.addons.veloc_messaging.providers.whatsapp_webhook import WhatsappWebhook
from odoo.addons.veloc_messaging.rules.webhook import Call, Secrets
from odoo.addons.veloc_messaging.rules.whatsapp_signature import sign

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "whatsapp_cloud_api.json").read_text()
)
DOOR = WhatsappWebhook()
SECRETS = Secrets("token", {"app": "a", "app_previous": "b", "verify": "v"})
HELLO = {"hub.mode": "subscribe", "hub.verify_token": "v", "hub.challenge": "1158"}


def test_the_handshake_gives_the_challenge_back():
    assert DOOR.handshake(SECRETS, HELLO) == "1158"


@pytest.mark.parametrize(
    ("secrets", "query"),
    [
        (SECRETS, {**HELLO, "hub.verify_token": "x"}),
        (SECRETS, {**HELLO, "hub.verify_token": "é"}),
        (SECRETS, {**HELLO, "hub.mode": "unsubscribe"}),
        (SECRETS, {}),
        (Secrets(), {**HELLO, "hub.verify_token": ""}),
    ],
)
def test_a_stranger_gets_no_challenge(secrets, query):
    assert DOOR.handshake(secrets, query) is None


@pytest.mark.parametrize(
    ("secret", "valid"), [("a", True), ("b", True), ("token", False), ("", False)]
)
def test_only_the_app_s_secrets_sign(secret, valid):
    headers = {"x-hub-signature-256": sign(secret, b"{}")}

    assert DOOR.is_valid(SECRETS, Call("u", headers, body=b"{}")) is valid


def test_a_form_and_a_call_without_signature_are_refused():
    assert not DOOR.is_valid(SECRETS, Call("u", {}, body=b"{}"))
    headers = {"x-hub-signature-256": sign("a", b"")}
    assert not DOOR.is_valid(SECRETS, Call("u", headers, pairs=(("a", "b"),)))


def test_meta_hears_200_and_may_send_three_megabytes():
    assert (DOOR.ok_status, DOOR.max_bytes) == (200, 3 * 1024 * 1024)
    assert DOOR.parse(json.dumps(VECTORS["webhook_examples"][0]))[0].kind == "inbound"
