"""Which calls at the webhook are Twilio's."""

import hashlib
import json
from pathlib import Path

import pytest

from odoo.addons.veloc_messaging.providers.base import Call, Secrets
from odoo.addons.veloc_messaging.providers.twilio_webhook import TwilioWebhook
from odoo.addons.veloc_messaging.rules import twilio_signature

URL = "https://veloc.example.com/veloc/webhook/twilio/sms/ref1"
FORM = (("MessageSid", "SM1"), ("MessageStatus", "sent"))
SECRETS = Secrets("token", {"previous": "old", "key_wh_1": "shared"})
VECTORS = json.loads(
    (
        Path(__file__).parents[3]
        / "addons/veloc_messaging/tests/vectors/twilio_signatures.json"
    ).read_text()
)["vectors"]
WEBHOOK = TwilioWebhook()


def call(secret="token", algorithm="HMAC_SHA1", settings=None, **values):
    signature = twilio_signature.signature_of(secret, URL, FORM, algorithm)
    headers = {"x-twilio-signature": signature}
    if settings:
        headers["x-twilio-webhooks-signature-settings"] = settings
    return Call(**({"url": URL, "headers": headers, "pairs": FORM} | values))


@pytest.mark.parametrize(
    "vector", VECTORS, ids=[f"{v['id']}-{v['name']}" for v in VECTORS]
)
def test_the_verdict_of_the_published_suites(vector):
    is_form = vector["kind"] == "form"
    made = Call(
        vector["url"],
        {"x-twilio-signature": vector["signature"]},
        tuple(map(tuple, vector["params"])) if is_form else None,
        None if is_form else vector["body"].encode(),
    )

    verdict = WEBHOOK.is_valid(Secrets(vector["token"]), made)

    assert verdict is vector["expected_valid"]


@pytest.mark.parametrize(
    ("secret", "valid"), [("token", True), ("old", True), ("shared", False)]
)
def test_two_secrets_count_while_one_is_changed(secret, valid):
    assert WEBHOOK.is_valid(SECRETS, call(secret)) is valid


@pytest.mark.parametrize(
    ("secret", "algorithm", "settings", "valid"),
    [
        ("shared", "HMAC_SHA256", "key=WH-1,algorithm=HMAC_SHA256", True),
        ("shared", "HMAC_SHA256", "key=wh_1, algorithm=hmac_sha256", True),
        ("shared", "HMAC_SHA1", "key=wh_1,algorithm=HMAC_SHA1", True),
        ("shared", "HMAC_SHA1", "key=wh_1", True),
        ("token", "HMAC_SHA256", "algorithm=HMAC_SHA256", True),
        ("shared", "HMAC_SHA256", "key=wh_1,algorithm=HMAC_SHA1", False),
        ("shared", "HMAC_SHA1", "key=wh_1,algorithm=HMAC_MD5", False),
        ("token", "HMAC_SHA1", "key=wh_1,algorithm=HMAC_SHA1", False),
        ("token", "HMAC_SHA1", "key=other,algorithm=HMAC_SHA1", False),
        ("", "HMAC_SHA1", "key=other,algorithm=HMAC_SHA1", False),
    ],
)
def test_a_call_that_names_a_key_is_checked_with_that_key(
    secret, algorithm, settings, valid
):
    made = call(secret, algorithm, settings)

    assert WEBHOOK.is_valid(SECRETS, made) is valid


def test_without_any_secret_nothing_is_valid():
    assert not WEBHOOK.is_valid(Secrets(), call(""))


def test_a_body_that_is_no_form_must_be_covered_by_its_hash():
    body = b'{"a": 1}'
    digest = hashlib.sha256(body).hexdigest()

    def made(url):
        signature = twilio_signature.signature_of("token", url)
        return Call(url, {"x-twilio-signature": signature}, None, body)

    assert WEBHOOK.is_valid(SECRETS, made(f"{URL}?bodySHA256={digest}"))
    assert not WEBHOOK.is_valid(SECRETS, made(f"{URL}?bodySHA256={'0' * 64}"))
    assert not WEBHOOK.is_valid(SECRETS, made(URL))


def test_text_that_cannot_be_encoded_breaks_nothing():
    assert not WEBHOOK.is_valid(SECRETS, call(pairs=(("Body", "\ud800"),)))


def test_a_payload_is_one_event_that_reads_the_same_again():
    (event,) = WEBHOOK.parse("MessageSid=SM1&MessageStatus=sent&AccountSid=AC1")

    assert event.kind == "status"
    assert WEBHOOK.parse(event.payload) == [event]


def test_twilio_verifies_no_address():
    assert not WEBHOOK.has_handshake
    assert WEBHOOK.handshake(SECRETS, {"hub.challenge": "1"}) is None
