"""Keys are found where the documentation says, or Veloc says what is wrong."""

import base64
import os

import pytest

from odoo.addons.veloc_compliance.rules import master_key
from odoo.addons.veloc_compliance.rules.master_key import KeyProblem

ONE, TWO = bytes(range(32)), bytes(range(64, 96))
FILES = {"/run/key": f"{ONE.hex()}\n", "/run/key2": base64.b64encode(TWO).decode()}


def read(**environ):
    return master_key.read(environ, FILES.__getitem__)


@pytest.mark.parametrize(
    "text",
    [
        ONE.hex(),
        ONE.hex().upper(),
        f" {ONE.hex()}\n",
        base64.b64encode(ONE).decode(),
        base64.urlsafe_b64encode(ONE).decode(),
    ],
)
def test_a_key_is_read_from_hex_or_base64(text):
    assert read(VELOC_KEY=text) == {1: ONE}


def test_a_key_is_read_from_a_file():
    assert read(VELOC_KEY_FILE="/run/key") == {1: ONE}


def test_the_variable_wins_over_the_file_and_an_empty_one_is_none():
    assert read(VELOC_KEY=TWO.hex(), VELOC_KEY_FILE="/run/key") == {1: TWO}
    assert read(VELOC_KEY=" ", VELOC_KEY_FILE="/run/key") == {1: ONE}


def test_later_versions_have_their_own_names():
    found = read(VELOC_KEY_FILE="/run/key", VELOC_KEY_V2_FILE="/run/key2")
    assert found == {1: ONE, 2: TWO}
    assert read(VELOC_KEY_V12=TWO.hex()) == {12: TWO}


@pytest.mark.parametrize("name", ["VELOC_KEY_V1", "VELOC_KEY_V0", "VELOC_KEYS", "KEY"])
def test_other_names_hold_no_key(name):
    with pytest.raises(KeyProblem, match="no key"):
        read(**{name: ONE.hex()})


@pytest.mark.parametrize("text", ["secret", ONE.hex()[2:], ONE.hex() + "00", "ç" * 44])
def test_a_key_of_the_wrong_size_is_refused_and_not_repeated(text):
    with pytest.raises(KeyProblem, match="VELOC_KEY does not hold a key") as problem:
        read(VELOC_KEY=text)
    assert text not in str(problem.value)


@pytest.mark.parametrize("key", [bytes(32), b"ab" * 16, b"changeme" * 4])
def test_a_placeholder_is_no_key(key):
    with pytest.raises(KeyProblem, match="placeholder"):
        read(VELOC_KEY=key.hex())


def test_random_keys_are_not_taken_for_placeholders():
    for _ in range(500):
        key = os.urandom(32)
        assert read(VELOC_KEY=key.hex()) == {1: key}


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    def read_file(path):
        return open(path, encoding="utf-8").read()

    missing = str(tmp_path / "absent")
    with pytest.raises(KeyProblem, match=r"VELOC_KEY_FILE.*No such file"):
        master_key.read({"VELOC_KEY_FILE": missing}, read_file)
    odd = tmp_path / "odd"
    odd.write_bytes(b"\xff\xfe")
    with pytest.raises(KeyProblem, match="not text"):
        master_key.read({"VELOC_KEY_FILE": str(odd)}, read_file)
