"""A database and its master key belong together."""

import pytest

from odoo.addons.veloc_compliance.rules import data_key
from odoo.addons.veloc_compliance.rules.field_cipher import CannotOpen
from odoo.addons.veloc_compliance.rules.master_key import KeyProblem

ONE, TWO = bytes(range(32)), bytes(range(64, 96))
KEY, NEXT = b"k" * 32, b"n" * 32


def row(use="field", generation=1, state="current", version=1, master=ONE, key=KEY):
    wrapped = data_key.wrap(master, use, generation, key)
    return (use, generation, state, version, wrapped)


def test_a_wrapped_key_shows_nothing_and_opens_again():
    wrapped = data_key.wrap(ONE, "field", 1, KEY)
    assert KEY not in wrapped.encode()
    assert data_key.unwrap(ONE, "field", 1, wrapped) == KEY


@pytest.mark.parametrize(
    ("master", "use", "generation"),
    [(TWO, "field", 1), (ONE, "index", 1), (ONE, "field", 2)],
)
def test_a_wrapped_key_opens_for_its_master_use_and_generation_only(
    master, use, generation
):
    wrapped = data_key.wrap(ONE, "field", 1, KEY)
    with pytest.raises(CannotOpen):
        data_key.unwrap(master, use, generation, wrapped)


def test_what_is_no_wrapped_key_does_not_open():
    with pytest.raises(CannotOpen):
        data_key.unwrap(ONE, "field", 1, "not base64!")


def test_a_ring_has_all_generations_and_writes_with_the_current_one():
    rows = [row(state="retired"), row(generation=2, key=NEXT, version=2, master=TWO)]
    ring = data_key.rings(rows, {1: ONE, 2: TWO})["field"]
    assert ring.current == 2
    assert ring.keys == {1: KEY, 2: NEXT}


def test_a_wrong_master_key_is_named_and_stops_everything():
    with pytest.raises(KeyProblem, match=r"Version 1 .* not the one of this database"):
        data_key.rings([row()], {1: TWO})


def test_a_missing_version_is_named():
    with pytest.raises(KeyProblem, match=r"needs version 2 .* only version 1"):
        data_key.rings([row(version=2)], {1: ONE})


def test_a_newer_master_key_beside_the_old_one_changes_nothing():
    ring = data_key.rings([row()], {1: ONE, 2: TWO})["field"]
    assert ring.keys == {1: KEY}
