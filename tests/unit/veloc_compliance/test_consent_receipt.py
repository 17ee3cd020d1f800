import copy
import hashlib
import json
from datetime import datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_compliance.rules.consent_receipt import (
    LONGEST,
    Facts,
    Word,
    build,
    canonical,
    check,
    key_id,
    read,
    sign,
)
from odoo.addons.veloc_compliance.rules.privacy_notice import Controller

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PEMS = {
    key_id(KEY.public_key()): KEY.public_key()
    .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    .decode()
}
WORD = Word(
    purpose="Notícias",
    code="marketing",
    version=3,
    kind="marketing",
    legal_basis="consent",
    granted=True,
    channels=("email", "sms"),
    events=(7, 8),
    text="Concordo em receber notícias.",
    notice="Aviso de privacidade",
    duration="Até você mudar de ideia.",
    sharing="Quem entrega as mensagens.",
)


def facts(*words):
    return Facts(
        receipt_id="0b1f",
        given_at=datetime(2026, 3, 11, 15, 4, 5),
        method="preference_page",
        language="pt_BR",
        principal="urn:uuid:1",
        controller=Controller("Veloc", "12.345", email="oi@veloc.example"),
        policy_url="https://veloc.example/veloc/notice",
        words=words or (WORD,),
    )


def signed(*words):
    return sign(build(facts(*words)), KEY)


def test_a_receipt_has_the_fields_of_the_standard():
    receipt = build(facts())
    assert {
        "schema",
        "version",
        "jurisdiction",
        "consentTimestamp",
        "collectionMethod",
        "consentReceiptID",
        "language",
        "piiPrincipalId",
        "piiControllers",
        "policyUrl",
        "services",
        "sensitive",
        "spiCat",
    } <= receipt.keys()
    (purpose,) = receipt["services"][0]["purposes"]
    assert {
        "purpose",
        "purposeCategory",
        "consentType",
        "piiCategory",
        "primaryPurpose",
        "termination",
        "thirdPartyDisclosure",
    } <= purpose.keys()
    assert receipt["consentTimestamp"] == "2026-03-11T15:04:05Z"
    assert receipt["language"] == "pt-BR"
    assert purpose["text"] == WORD.text
    assert purpose["textSha256"] == hashlib.sha256(WORD.text.encode()).hexdigest()
    assert purpose["channels"] == ["email", "sms"]


@pytest.mark.parametrize(
    ("granted", "basis", "event"),
    [
        (True, "consent", "granted"),
        (False, "consent", "revoked"),
        (False, "legitimate_interest", "opposed"),
    ],
)
def test_a_no_is_a_revocation_or_an_objection(granted, basis, event):
    word = Word("N", "n", 1, "marketing", basis, granted, ("sms",), (1,), "Text")
    (purpose,) = build(facts(word))["services"][0]["purposes"]
    assert purpose["event"] == event


def test_what_was_signed_is_valid_also_after_a_journey_as_text():
    travelled = read(json.dumps(signed(), indent=4, ensure_ascii=True))
    assert check(travelled, PEMS).is_valid


@given(st.data())
def test_no_letter_can_be_changed(data):
    receipt = signed()
    paths = list(_leaves(receipt))
    path = data.draw(st.sampled_from(paths))
    changed = copy.deepcopy(receipt)
    holder = changed
    for step in path[:-1]:
        holder = holder[step]
    value = holder[path[-1]]
    holder[path[-1]] = f"{value}x" if isinstance(value, str) else not value
    assert not check(changed, PEMS).is_valid


def _leaves(value, path=()):
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for step, inner in items:
        if isinstance(inner, dict | list):
            yield from _leaves(inner, (*path, step))
        else:
            yield (*path, step)


def test_the_order_of_fields_means_nothing():
    receipt = signed()
    turned = dict(reversed(list(receipt.items())))
    assert canonical(turned) == canonical(receipt)
    assert check(turned, PEMS).is_valid


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda r: r.pop("signature"), "unsigned"),
        (lambda r: r["signature"].update(algorithm="none"), "unsigned"),
        (lambda r: r["signature"].update(keyId="0" * 16), "unknown_key"),
        (lambda r: r["signature"].update(value="!!!"), "altered"),
        (lambda r: r.update(language="en"), "altered"),
    ],
)
def test_the_check_says_what_is_wrong(change, code):
    receipt = signed()
    change(receipt)
    assert check(receipt, PEMS).code == code


def test_a_text_that_does_not_carry_its_hash_is_found_although_signed():
    receipt = build(facts())
    receipt["services"][0]["purposes"][0]["text"] = "Other words."
    finding = check(sign(receipt, KEY), PEMS)
    assert (finding.code, finding.detail) == ("altered", "marketing.text")


def test_a_signed_thing_of_another_shape_is_unreadable_not_an_error():
    assert check(sign({"schema": "x"}, KEY), PEMS).code == "unreadable"


@pytest.mark.parametrize(
    "content",
    ["", "x", "[]", "{}", b"\xff\xfe", '{"schema": "other"}', "[" * 50_000],
)
def test_what_is_no_receipt_is_none(content):
    assert read(content) is None


def test_a_huge_file_is_not_even_read():
    assert read('{"schema": "ISO/IEC TS 27560:2023"' + " " * LONGEST + "}") is None
