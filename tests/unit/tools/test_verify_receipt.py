import json
from datetime import datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from odoo.addons.veloc_compliance.rules.consent_receipt import (
    Facts,
    Word,
    build,
    key_id,
    sign,
)
from odoo.addons.veloc_compliance.rules.privacy_notice import Controller

from tools import verify_receipt

KEY = Ed25519PrivateKey.generate()
PEM = (
    KEY.public_key()
    .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    .decode()
)


@pytest.fixture
def files(tmp_path):
    word = Word("Notícias", "n", 1, "marketing", "consent", True, ("sms",), (1,), "Olá")
    facts = Facts(
        "id-1",
        datetime(2026, 3, 11),
        "form",
        "pt_BR",
        "urn:1",
        Controller("Veloc"),
        "https://veloc.example",
        [word],
    )
    receipt = tmp_path / "receipt.json"
    receipt.write_text(json.dumps(sign(build(facts), KEY), indent=2))
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({key_id(KEY.public_key()): PEM}))
    return receipt, keys


def run(*paths):
    return verify_receipt.main([str(path) for path in paths])


def test_a_receipt_of_the_house_is_valid_without_the_house(files, capsys):
    assert run(*files) == 0
    assert "valid: id-1" in capsys.readouterr().out


def test_a_single_key_file_will_do(files, tmp_path):
    pem = tmp_path / "key.pem"
    pem.write_text(PEM)
    assert run(files[0], pem) == 0


@pytest.mark.parametrize(("old", "new"), [('"sms"', '"call"'), ("Ol\\u00e1", "Oi")])
def test_a_changed_receipt_is_found(files, capsys, old, new):
    receipt, keys = files
    text = receipt.read_text()
    assert old in text
    receipt.write_text(text.replace(old, new))
    assert run(receipt, keys) == 1
    assert "NOT VALID" in capsys.readouterr().out


def test_a_strangers_key_proves_nothing(files, tmp_path, capsys):
    other = Ed25519PrivateKey.generate().public_key()
    keys = tmp_path / "other.pem"
    keys.write_bytes(
        other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    assert run(files[0], keys) == 1
    assert "unknown key" in capsys.readouterr().out


def test_without_its_two_files_it_explains_itself(capsys):
    assert verify_receipt.main([]) == 2
    assert "receipt.json keys.json" in capsys.readouterr().out
