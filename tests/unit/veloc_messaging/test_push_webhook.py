"""What a browser reports is believed only with the key that stood in the message."""

import json

import pytest

from odoo.addons.veloc_messaging.providers.push_webhook import PushWebhook
from odoo.addons.veloc_messaging.rules import push_payload
from odoo.addons.veloc_messaging.rules.webhook import Call, Secrets

REFERENCE = "0123456789abcdef0123456789abcdef"
OTHER = "f" * 32
SECRET = "5a" * 32
KEY = push_payload.report_key(SECRET, REFERENCE)


def told(event="shown", reference=REFERENCE):
    return json.dumps({"event": event, "reference": reference}).encode()


def is_valid(path=REFERENCE, key=KEY, body=None, secret=SECRET):
    url = f"https://veloc.example/veloc/webhook/push/push/{path}?key={key}"
    call = Call(url, {}, None, told() if body is None else body)
    return PushWebhook().is_valid(Secrets(secret), call)


def test_a_report_with_the_key_of_its_message_is_believed():
    assert is_valid()


@pytest.mark.parametrize(
    "change",
    [
        {"key": ""},
        {"key": "ä"},
        {"key": push_payload.report_key(SECRET, OTHER)},
        {"path": OTHER},
        {"body": told(reference=OTHER)},
        {"path": OTHER, "body": told(reference=OTHER)},
        {"body": b""},
        {"body": b"\xff"},
        {"body": b"[1]"},
        {"secret": ""},
        {"secret": "other"},
    ],
)
def test_any_other_report_is_refused(change):
    assert not is_valid(**change)


@pytest.mark.parametrize(
    ("event", "status"), [("shown", "delivered"), ("click", "read"), ("close", "read")]
)
def test_a_report_is_a_status_and_its_stored_piece_says_the_same(event, status):
    (found,) = PushWebhook().parse(told(event).decode())
    assert (found.kind, found.status, found.reference) == ("status", status, REFERENCE)
    assert found.key == f"{REFERENCE}:{event}"
    assert PushWebhook().parse(found.payload) == [found]


@pytest.mark.parametrize("payload", ["", "x", "{}", '{"event": 5}', '{"event": "x"}'])
def test_what_cannot_be_understood_is_kept_as_such(payload):
    (found,) = PushWebhook().parse(payload)
    assert found.kind == "other"
