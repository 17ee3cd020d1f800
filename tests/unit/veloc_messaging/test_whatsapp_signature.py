"""Meta's signature over the raw bytes."""

import json
from pathlib import Path

import pytest

from odoo.addons.veloc_messaging.rules import whatsapp_signature

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "whatsapp_cloud_api.json").read_text()
)["hub_signature_vectors"]
BODY = b'{"entry":[]}'
GOOD = whatsapp_signature.sign("new", BODY)


@pytest.mark.parametrize("vector", VECTORS)
def test_the_published_signatures(vector):
    raw = vector["body"].encode()
    valid = whatsapp_signature.is_valid([vector["secret"]], vector["header"], raw)
    assert valid is vector["valid"]
    assert not whatsapp_signature.is_valid(["other"], vector["header"], raw)
    assert not whatsapp_signature.is_valid(
        [vector["secret"]], vector["header"], raw + b" "
    )


def test_the_previous_secret_is_good_during_the_change():
    assert whatsapp_signature.is_valid(["newer", "new"], GOOD, BODY)
    assert whatsapp_signature.is_valid(["new", "old"], GOOD, BODY)


@pytest.mark.parametrize(
    "header",
    [None, "", "sha256=", GOOD[:-1], GOOD[7:], GOOD.replace("sha256", "sha1"), "é"],
)
def test_anything_else_is_refused(header):
    assert not whatsapp_signature.is_valid(["new"], header, BODY)


def test_without_a_secret_nothing_is_valid():
    empty = whatsapp_signature.sign("", BODY)
    assert not whatsapp_signature.is_valid(["", ""], empty, BODY)
    assert not whatsapp_signature.is_valid([], GOOD, BODY)
