"""Which addresses may be posted to, what a browser may say, what is told to it."""

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from odoo.addons.veloc_messaging.providers import vapid
from odoo.addons.veloc_messaging.rules import (
    push_endpoint,
    push_payload,
    push_subscription,
)

SANDBOX = "http://127.0.0.1:8070"
FCM = "https://fcm.googleapis.com/fcm/send/abc:DEF_-1"


def encode(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


KEYS = {
    "p256dh": encode(vapid.point(ec.derive_private_key(7, ec.SECP256R1()))),
    "auth": encode(bytes(range(16))),
}
SUBSCRIPTION = {"endpoint": FCM, "expirationTime": None, "keys": KEYS}


# === ADDRESSES === #


@pytest.mark.parametrize(
    "endpoint",
    [
        FCM,
        "https://fcm.googleapis.com:443/wp/x",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAAA",
        "https://web.push.apple.com/QGx",
        "https://wns2-par02p.notify.windows.com/w/?token=BQYAAAC%2f",
    ],
)
def test_the_push_services_of_browsers_are_allowed(endpoint):
    assert push_endpoint.is_allowed(endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "http://fcm.googleapis.com/x",
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://evil.example/https://fcm.googleapis.com/",
        "https://fcm.googleapis.com@evil.example/x",
        "https://evil.example\\@fcm.googleapis.com/x",
        "https://evil.example#@fcm.googleapis.com/x",
        "https://evil.example?.push.apple.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com:22/x",
        "https://push.apple.com.evil.example/x",
        "https://evilpush.apple.com/x",
        "https://.push.apple.com.",
        "https://fcm.googleapis.com\n.evil.example/x",
        "https://fcm.googleapis.com/x y",
        "https://fcm.googleapis.com",
        "file:///etc/passwd",
        "gopher://fcm.googleapis.com/x",
        "HTTPS://FCM.GOOGLEAPIS.COM/x",
        "https://fcm.googleapis.com/" + "x" * 1024,
    ],
)
def test_no_other_address_is_ever_posted_to(endpoint):
    assert not push_endpoint.is_allowed(endpoint)


def test_the_sandbox_is_allowed_only_where_the_administrator_names_it():
    endpoint = f"{SANDBOX}/push/demo"
    assert push_endpoint.is_allowed(endpoint, SANDBOX)
    assert push_endpoint.is_allowed(endpoint, f"{SANDBOX}/")
    assert not push_endpoint.is_allowed(endpoint)
    assert not push_endpoint.is_allowed(endpoint, "http://127.0.0.1:8071")
    assert not push_endpoint.is_allowed(f"{SANDBOX}1/push/demo", SANDBOX)


def test_with_a_sandbox_the_path_stays_and_the_server_changes():
    assert push_endpoint.moved(FCM, SANDBOX) == f"{SANDBOX}/fcm/send/abc:DEF_-1"
    assert push_endpoint.moved(FCM, "") == FCM


# === WHAT A BROWSER SENDS === #


def wish(**values):
    values = {"action": "subscribe", "subscription": SUBSCRIPTION, **values}
    return push_subscription.read(values)


def test_a_subscription_is_read_with_the_boxes_the_person_saw():
    found = wish(shown=["marketing:2", "bonus:1"], allow=["bonus:1"])

    assert found.keys == push_subscription.Keys(FCM, KEYS["p256dh"], KEYS["auth"])
    assert found.boxes == {"marketing": (2, False), "bonus": (1, True)}


def test_a_tick_on_a_box_that_was_not_shown_is_nothing():
    assert wish(shown=["bonus:1"], allow=["marketing:2"]).boxes == {"bonus": (1, False)}


@pytest.mark.parametrize(
    "shown",
    [None, "marketing:2", [1], [["a"]], ["marketing"], ["marketing:0"], ["Mark:1"]],
)
def test_boxes_that_make_no_sense_are_not_there(shown):
    assert wish(shown=shown, allow=["marketing:2"]).boxes == {}


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": "https://evil.example/x"},
        {"endpoint": None},
        {"keys": None},
        {"keys": {**KEYS, "p256dh": encode(b"\4" + bytes(64))}},
        {"keys": {**KEYS, "p256dh": KEYS["p256dh"][:-4]}},
        {"keys": {**KEYS, "p256dh": "ç" * 87}},
        {"keys": {**KEYS, "auth": encode(bytes(15))}},
        {"keys": {**KEYS, "auth": 5}},
    ],
)
def test_a_subscription_that_could_not_be_sent_to_is_refused(change):
    assert wish(subscription={**SUBSCRIPTION, **change}) is None


@pytest.mark.parametrize(
    "raw",
    [None, [], "subscribe", {}, {"action": "subscribe"}, {"action": "unsubscribe"}],
)
def test_a_wish_that_makes_no_sense_is_refused(raw):
    assert push_subscription.read(raw) is None


def test_turning_off_names_the_browser_or_means_all():
    one = push_subscription.read({"action": "unsubscribe", "endpoint": FCM})
    every = push_subscription.read({"action": "stop"})
    assert (one.action, one.endpoint, every.action) == ("unsubscribe", FCM, "stop")


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537 Chrome/140 Mobile "
            "Safari/537",
            "Chrome · Android",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/1 Safari/5 Edg/140", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU) Version/18 Mobile Safari/604", "Safari · iOS"),
        ("curl/8", "? · ?"),
        ("", "? · ?"),
    ],
)
def test_a_browser_is_named_by_its_kind_only(agent, device):
    assert push_subscription.device(agent) == device


# === WHAT A BROWSER IS TOLD === #


@pytest.mark.parametrize(
    ("text", "shown", "url"),
    [
        ("Sem link", "Sem link", ""),
        ("Veja https://v.example/l/a1.", "Veja.", "https://v.example/l/a1"),
        ("A https://a.example b https://b.example", "A https://a.example b",
         "https://b.example"),
        ("https://v.example/l/a1", "", "https://v.example/l/a1"),
        ("Ação: https://v.example/x?y=1&z=2", "Ação", "https://v.example/x?y=1&z=2"),
    ],
)  # fmt: skip
def test_the_last_link_is_where_a_click_leads(text, shown, url):
    assert push_payload.split(text) == (shown, url)


def test_what_is_told_is_small_json_without_empty_values():
    told = push_payload.encode(title="Depósito", body="Caiu", url="")
    assert json.loads(told) == {"title": "Depósito", "body": "Caiu"}
    assert "ó".encode() in told


def test_a_topic_is_short_and_the_same_for_the_same_message():
    topic = push_payload.topic("ref1")
    assert topic == push_payload.topic("ref1") != push_payload.topic("ref2")
    assert len(topic) <= 32
    assert set(topic) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    )


@pytest.mark.parametrize(
    ("seconds", "ttl"), [(None, 86400), (90.7, 90), (0.2, 1), (-5.0, 1), (1e9, 2419200)]
)
def test_the_push_service_keeps_a_message_only_while_it_is_useful(seconds, ttl):
    assert push_payload.ttl(seconds) == ttl


def test_a_report_key_is_good_for_one_message_and_one_account():
    key = push_payload.report_key("secret", "ref1")
    assert key != push_payload.report_key("secret", "ref2")
    assert key != push_payload.report_key("other", "ref1")
    assert "ref1" not in key
    assert len(base64.urlsafe_b64decode(key)) == 18


# === KEYS === #


def test_a_secret_may_be_hexadecimal_or_base64url():
    secret = hashlib.sha256(b"x").hexdigest()
    same = encode(bytes.fromhex(secret))
    assert vapid.public_key(secret) == vapid.public_key(same)
    assert len(vapid.decode(vapid.public_key(secret))) == 65


@pytest.mark.parametrize("secret", ["", "x", "0" * 64, "f" * 64, "ab" * 31, "ü" * 43])
def test_a_secret_that_is_no_key_is_refused(secret):
    with pytest.raises(ValueError, match=r"VAPID|EC key|private_value"):
        vapid.private_key(secret)


def test_a_generated_secret_is_a_key_and_new_each_time():
    first, second = vapid.generate(), vapid.generate()
    assert first != second
    assert vapid.public_key(first) != vapid.public_key(second)
