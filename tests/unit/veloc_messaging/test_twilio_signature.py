import json
from pathlib import Path

import pytest

from odoo.addons.veloc_messaging.rules import twilio_signature

VECTORS = (
    Path(__file__).parents[3]
    / "addons/veloc_messaging/tests/vectors/twilio_signatures.json"
)
URL = "https://veloc.example.com/veloc/webhook/twilio/sms/abc?x=1"
FORM = [("MessageSid", "SM1"), ("MessageStatus", "sent")]


def vectors():
    for vector in json.loads(VECTORS.read_text())["vectors"]:
        yield pytest.param(vector, id=f"{vector['id']}-{vector['name']}")


@pytest.mark.parametrize("vector", list(vectors()))
def test_verdict_of_the_published_suites(vector):
    is_form = vector["kind"] == "form"
    verdict = twilio_signature.is_valid(
        [vector["token"]],
        vector["url"],
        vector["signature"],
        params=[tuple(pair) for pair in vector["params"]] if is_form else None,
        body=None if is_form else vector["body"].encode(),
    )

    assert verdict is vector["expected_valid"]


def signed(secret="s3cret", url=URL, form=FORM):
    return twilio_signature.signature_of(secret, url, form)


def test_our_own_signature_is_accepted():
    assert twilio_signature.is_valid(["s3cret"], URL, signed(), params=FORM)


@pytest.mark.parametrize("signature", [None, "", "=", "ç" * 28, signed("other")])
def test_missing_or_wrong_signature_is_refused(signature):
    assert not twilio_signature.is_valid(["s3cret"], URL, signature, params=FORM)


def test_without_a_secret_nothing_is_accepted():
    assert not twilio_signature.is_valid([""], URL, signed(""), params=FORM)
    assert not twilio_signature.is_valid([], URL, signed(), params=FORM)


def test_any_of_several_secrets_will_do():
    assert twilio_signature.is_valid(["new", "s3cret"], URL, signed(), params=FORM)


def test_a_changed_value_is_refused():
    changed = [("MessageSid", "SM1"), ("MessageStatus", "failed")]
    assert not twilio_signature.is_valid(["s3cret"], URL, signed(), params=changed)


def test_a_changed_path_is_refused():
    other = URL.replace("abc", "abd")
    assert not twilio_signature.is_valid(["s3cret"], other, signed(), params=FORM)


def test_the_fragment_is_not_signed():
    url = f"{URL}#rc=5&rp=5xx"
    assert twilio_signature.is_valid(["s3cret"], url, signed(), params=FORM)


def test_order_and_repetition_of_values_do_not_matter():
    form = [("b", "2"), ("a", "1"), ("a", "1"), ("a", "0")]
    assert twilio_signature.signature_of("s", URL, form) == (
        twilio_signature.signature_of("s", URL, [("a", "0"), ("a", "1"), ("b", "2")])
    )


@pytest.mark.parametrize(
    ("signed_url", "called_url"),
    [
        ("https://a.example:443/x", "https://a.example/x"),
        ("https://a.example/x", "https://a.example:443/x"),
        ("http://a.example:80/x", "http://a.example/x"),
        ("https://u:p@a.example:443/x", "https://u:p@a.example/x"),
        ("https://[::1]:443/x", "https://[::1]/x"),
        ("https://[::1]/x", "https://[::1]:8443/x"),
        ("https://a.example/x", "https://a.example:8443/x"),
    ],
)
def test_with_and_without_port_are_the_same_address(signed_url, called_url):
    signature = signed(url=signed_url)
    assert twilio_signature.is_valid(["s3cret"], called_url, signature, params=FORM)


def test_a_body_that_is_no_form_needs_its_hash_in_the_address():
    assert not twilio_signature.is_valid(
        ["s3cret"], URL, signed(form=()), params=None, body=b"<xml/>"
    )


def test_an_empty_call_is_covered_by_its_address():
    assert twilio_signature.is_valid(
        ["s3cret"], URL, signed(form=()), params=None, body=b""
    )
