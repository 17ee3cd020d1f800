"""What encryption promises: only this key, only in this place, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_compliance.rules import field_cipher as cipher

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
RING = cipher.Ring({1: OLD}, 1)
BOTH = cipher.Ring({1: OLD, 2: NEW}, 2)
PLACE = cipher.context("res_partner", "veloc_cpf", 7)


@given(st.binary(max_size=300))
def test_what_was_sealed_opens_again(plain):
    assert cipher.open_sealed(RING, PLACE, cipher.seal(RING, PLACE, plain)) == plain


@given(st.binary(min_size=4, max_size=60))
def test_a_sealed_value_shows_nothing_and_never_twice_the_same(plain):
    first, second = (cipher.seal(RING, PLACE, plain) for _ in range(2))
    assert first != second
    assert plain not in first.encode()


@pytest.mark.parametrize(
    "place",
    [
        cipher.context("res_partner", "veloc_cpf", 8),
        cipher.context("res_partner", "veloc_mother_name", 7),
        cipher.context("veloc_bank_account", "veloc_cpf", 7),
    ],
)
def test_a_value_moved_to_another_record_column_or_table_does_not_open(place):
    sealed = cipher.seal(RING, PLACE, b"52998224725")
    with pytest.raises(cipher.CannotOpen):
        cipher.open_sealed(RING, place, sealed)


@given(st.integers(min_value=0, max_value=50), st.integers(min_value=1, max_value=255))
def test_one_changed_bit_is_noticed(position, change):
    raw = bytearray(cipher.encrypt(OLD, PLACE, b"52998224725"))
    raw[position % len(raw)] ^= change
    with pytest.raises(cipher.CannotOpen):
        cipher.decrypt(OLD, PLACE, bytes(raw))


@pytest.mark.parametrize(
    "text",
    ["", None, "52998224725", "v1:", "v1:AAAA", "v9:" + "A" * 60, "v1:" + "A" * 61],
)
def test_what_was_never_sealed_by_us_does_not_open(text):
    with pytest.raises(cipher.CannotOpen):
        cipher.open_sealed(RING, PLACE, text)


def test_after_a_change_of_keys_old_values_open_and_new_ones_use_the_new_key():
    old = cipher.seal(RING, PLACE, b"1")
    new = cipher.seal(BOTH, PLACE, b"2")
    assert cipher.open_sealed(BOTH, PLACE, old) == b"1"
    assert (cipher.generation_of(old), cipher.generation_of(new)) == (1, 2)
    with pytest.raises(cipher.CannotOpen):
        cipher.open_sealed(RING, PLACE, new)


def _sealed_names(ring, names):
    return {
        name: cipher.seal(ring, cipher.context("t", "c", name), name.encode())
        for name in names
    }


def test_a_column_opens_as_its_values_do_one_by_one():
    sealed = _sealed_names(RING, ["a", "b"]) | _sealed_names(BOTH, ["c"])
    opened = cipher.open_column(BOTH, "t", "c", sealed)
    assert opened == {"a": b"a", "b": b"b", "c": b"c"}
    assert cipher.open_column(BOTH, "t", "c", {}) == {}


@pytest.mark.parametrize("text", ["", "clear", "v1:", "v1:AAAA", "v9:" + "A" * 60])
def test_a_column_with_a_value_that_is_not_ours_does_not_open(text):
    sealed = _sealed_names(RING, ["a"]) | {"b": text}
    with pytest.raises(cipher.CannotOpen, match=r"t\|c\|b"):
        cipher.open_column(RING, "t", "c", sealed)


def test_values_of_a_column_that_changed_places_do_not_open():
    sealed = _sealed_names(RING, ["a", "b"])
    with pytest.raises(cipher.CannotOpen):
        cipher.open_column(RING, "t", "c", {"a": sealed["b"], "b": sealed["a"]})


def test_a_generation_is_told_from_anything_else():
    assert cipher.generation_of("clear text") is None
    assert cipher.generation_of(None) is None


def test_a_blind_index_is_equal_for_equal_values_in_one_column_only():
    first, again, other = cipher.blind(OLD, "t", "c", ["a", "a", "b"])
    assert first == again != other
    assert cipher.blind(OLD, "t", "d", ["a"]) != [first]
    assert cipher.blind(NEW, "t", "c", ["a"]) != [first]
    assert len(first) == 32


def test_each_column_has_a_key_of_its_own():
    scopes = [cipher.scope_key(OLD, f"t|{name}") for name in "abc"]
    assert len({OLD, *scopes}) == 4


def test_a_mac_depends_on_key_and_data():
    assert cipher.mac(OLD, b"x") == cipher.mac(OLD, b"x")
    assert (
        len({cipher.mac(OLD, b"x"), cipher.mac(NEW, b"x"), cipher.mac(OLD, b"")}) == 3
    )


@given(st.binary(max_size=300))
def test_a_file_that_was_sealed_opens_in_its_place_only(plain):
    sealed = cipher.seal_bytes(BOTH, PLACE, plain)
    assert sealed.startswith(b"v2:")
    assert cipher.open_bytes(BOTH, PLACE, sealed) == plain
    with pytest.raises(cipher.CannotOpen):
        cipher.open_bytes(BOTH, cipher.context("t", "c", 1), sealed)


@pytest.mark.parametrize(
    "raw", [b"", b"%PDF-1.4", b"v9:" + b"A" * 60, b"vx:A", b"v1:A"]
)
def test_a_file_that_was_never_sealed_by_us_does_not_open(raw):
    with pytest.raises(cipher.CannotOpen):
        cipher.open_bytes(BOTH, PLACE, raw)
