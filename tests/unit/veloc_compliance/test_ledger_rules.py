"""Entries, values, heads and readings as bytes and texts."""

import json
from datetime import date, datetime
from decimal import Decimal

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_compliance.rules import (
    ledger_entry,
    ledger_head,
    ledger_values,
    rpc_reading,
    sealed_text,
)

AT = datetime(2026, 3, 11, 15, 0, 0, 42)
ENTRY = ledger_entry.Entry(
    7, AT, "write", 2, "res.partner", 9, 9, '{"fields":["phone"]}', "k3:AbC_-"
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


# === ENTRIES === #


def test_the_bytes_of_an_entry_are_a_list_anybody_can_read():
    assert json.loads(ledger_entry.canonical(ENTRY)) == [
        1, 7, "2026-03-11T15:00:00.000042Z", "write", 2, "res.partner", 9, 9,
        '{"fields":["phone"]}', "k3:AbC_-",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", 8),
        ("at", datetime(2026, 3, 11, 15, 0, 0, 43)),
        ("kind", "read"),
        ("user_id", 3),
        ("model", "res.users"),
        ("res_id", 10),
        ("subject_id", None),
        ("public", "{}"),
        ("secret", None),
    ],
)
def test_no_part_of_an_entry_can_change_without_its_hash(name, value):
    changed = ENTRY._replace(**{name: value})
    assert ledger_entry.leaf_hash(changed) != ledger_entry.leaf_hash(ENTRY)


@given(st.text(), st.text())
def test_no_text_can_pretend_to_be_another_field(model, public):
    entry = ENTRY._replace(model=model, public=public)
    told = json.loads(ledger_entry.canonical(entry))
    assert (told[5], told[8]) == (model, public)
    assert len(told) == 10


@given(json_values)
def test_a_text_is_the_same_for_the_same_value(value):
    text = ledger_entry.text(value)
    assert json.loads(text) == value
    assert text.isascii()
    assert ledger_entry.text(json.loads(text)) == text


@given(st.text(), st.text(), st.integers(1), st.none() | st.integers(1), st.booleans())
def test_what_a_batch_hashes_is_what_is_checked_later(model, public, id_, subject, x):
    secret = "k1:AbC" if x else None
    note = ledger_entry.Note("write", 2, model, 9, subject, public, None)
    entry = ledger_entry.Entry(id_, AT, *note[:6], secret)
    leaves = ledger_entry.leaves_of_notes([note, note], [id_, id_], AT, [secret] * 2)
    assert list(leaves) == [ledger_entry.leaf_hash(entry)] * 2


def test_rows_are_written_as_copy_reads_them():
    note = ledger_entry.Note("read", 2, "m", 0, None, r'{"a":"\"\n"}', None, (3, 4))
    lines = ledger_entry.copy_lines([note], [7], [None], [b"\x01\xff"])
    public = r'{"a":"\\"\\n"}'
    assert lines == f"7\tread\t2\tm\t0\t\\N\t{public}\t\\N\t{{3,4}}\t\\\\x01ff\n"


def test_a_row_without_our_key_has_no_mac():
    leaf = ledger_entry.leaf_hash(ENTRY)
    ours = ledger_entry.row_mac(b"a" * 32, leaf)
    assert ours != ledger_entry.row_mac(b"b" * 32, leaf)


def test_a_secret_says_whose_key_opens_it():
    assert sealed_text.read(sealed_text.as_text(12, "abc")) == (12, "abc")
    assert sealed_text.read("v1:abc") is None
    assert sealed_text.read("key:abc") is None


# === VALUES === #


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("São", "São"),
        (None, None),
        (False, None),
        (True, True),
        (12, 12),
        (1.5, "1.5"),
        (Decimal("1.50"), "1.50"),
        (date(2026, 3, 1), "2026-03-01"),
        (AT, "2026-03-11T15:00:00.000042"),
        ((10, 9, 2), [2, 9, 10]),
        (["b", "a"], ["a", "b"]),
        ({"b": 1, "a": date(2026, 1, 1)}, '{"a": "2026-01-01", "b": 1}'),
    ],
)
def test_values_become_json_without_floats(value, told):
    assert json.loads(ledger_values.encode(value)) == told


def test_files_and_long_texts_are_recorded_by_their_hash():
    assert json.loads(ledger_values.encode(b"x")).startswith("sha256:2d711642b726")
    long = json.loads(ledger_values.encode("x" * 100_000))
    assert len(long) < ledger_values.LONGEST + 100
    assert "sha256:" in long
    other = json.loads(ledger_values.encode("x" * 99_999))
    assert other != long


def test_a_change_tells_before_and_after():
    told = ledger_values.change_text([("phone", "1", "2"), ("city", None, 'a"b')])
    assert json.loads(told) == {"phone": ["1", "2"], "city": [None, 'a"b']}


def test_a_creation_tells_what_was_filled_in():
    told = ledger_values.state_text(["name", "phone", "age"], ["Ana", False, 0])
    assert json.loads(told) == {"name": "Ana", "age": 0}
    assert ledger_values.state_text(["phone"], [None]) is None


def test_the_public_part_names_fields_and_no_values():
    assert json.loads(ledger_values.fields_text({"phone", "city"}, "write")) == {
        "fields": ["city", "phone"],
        "op": "write",
    }
    assert json.loads(ledger_values.fields_text(["a"])) == {"fields": ["a"]}


@given(st.sets(st.integers(1, 300)))
def test_ids_survive_being_written_as_ranges(ids):
    text = ledger_values.ranges(ids)
    back = set()
    for part in text.split(",") if text else ():
        first, _dash, last = part.partition("-")
        back |= set(range(int(first), int(last or first) + 1))
    assert back == ids


# === HEADS === #


def signed(**changes):
    values = {
        "origin": "o",
        "size": 3,
        "root": b"r" * 32,
        "sealed_at": AT,
        "last_entry_id": 4,
    }
    key = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    return ledger_head.sign(key, **values | changes)


def test_a_head_is_signed_and_survives_its_anchor_line():
    head = signed()
    assert ledger_head.is_signed(head)
    assert ledger_head.read_line(head.line()) == head


@pytest.mark.parametrize("name", ["origin", "sealed_at", "root", "signature"])
def test_a_changed_head_is_not_signed(name):
    values = vars(signed()) | {name: "00" * 32}
    assert not ledger_head.is_signed(ledger_head.Head(**values))


@pytest.mark.parametrize("name", ["size", "last_entry_id"])
def test_a_changed_number_is_not_signed(name):
    values = vars(signed()) | {name: 99}
    assert not ledger_head.is_signed(ledger_head.Head(**values))


@pytest.mark.parametrize("bad", ["", "x", "{}", "[]", '{"size": 1}', "1"])
def test_what_is_no_head_is_skipped(bad):
    assert ledger_head.read_line(bad) is None


def test_an_anchor_is_read_in_order_whatever_stands_around_it():
    small, large = signed(size=2), signed(size=9)
    text = f"Dear officer,\n  {large.line()}\nnoise\n{small.line()}\n"
    assert ledger_head.read_anchor(text) == [small, large]


# === READINGS === #


@pytest.mark.parametrize(
    ("method", "answer", "ids", "names", "groups"),
    [
        ("read", [{"id": 3, "name": "x"}], (3,), ("name",), 0),
        ("web_read", [{"id": 3, "phone": 1}, {"id": 4}], (3, 4), ("phone",), 0),
        ("web_search_read", {"records": [{"id": 1, "a": 2}]}, (1,), ("a",), 0),
        ("name_search", [[5, "Ana"], [6, "Rui"]], (5, 6), ("display_name",), 0),
        ("web_name_search", [{"id": 5, "name": "A"}], (5,), ("name",), 0),
        ("formatted_read_group", [{"email": "a", "__count": 1}], (), ("email",), 1),
        ("formatted_read_grouping_sets", [[{"a": 1}], [{"b": 1}]], (), ("a",), 2),
        (
            "web_read_group",
            {"groups": [{"__records": [{"id": 8, "name": "y"}]}, {"city": "z"}]},
            (8,),
            ("name",),
            2,
        ),
        ("onchange", {"value": {"phone": 1}}, (77,), ("phone",), 0),
    ],
)
def test_an_answer_tells_what_was_shown(method, answer, ids, names, groups):
    found = rpc_reading.read_off(method, (77,), answer)
    assert found == rpc_reading.Reading(ids, names, groups)


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("search_count", 12),
        ("action_confirm", {"id": 1}),
        ("read", []),
        ("web_search_read", {"length": 0, "records": []}),
        ("name_search", []),
        ("onchange", {}),
        ("search_read", None),
    ],
)
def test_an_answer_without_values_is_no_reading(method, answer):
    assert rpc_reading.read_off(method, (77,), answer) is None
