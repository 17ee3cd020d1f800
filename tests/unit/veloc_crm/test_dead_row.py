"""What is kept of a refused row, however odd it is."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_crm.rules.dead_row import MAX_ROW, clear, read

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def test_an_ordinary_row_keeps_what_shows_a_pattern():
    row = {"id": "e-1", "type": "trade", "trader": "T-9", "currency": "USD"}
    kept = read({**row, "data": {"reverses": "e-0", "email": "ana@example.com"}})
    assert (kept.external_id, kept.ref, kept.type, kept.currency, kept.target) == (
        "e-1",
        "T-9",
        "trade",
        "USD",
        "e-0",
    )
    assert kept.told == {("external_ref", "T-9"), ("email", "ana@example.com")}
    assert json.loads(kept.text)["id"] == "e-1"


@pytest.mark.parametrize(
    "value", ["ana@example.com", "+5511961234567", "529.982.247-25", "52998224725"]
)
def test_what_names_a_person_never_stands_in_clear(value):
    assert clear(value) is None
    kept = read({"id": value, "trader": value, "type": value, "currency": value})
    assert (kept.external_id, kept.ref, kept.type, kept.currency) == (None,) * 4
    assert ("external_ref", value) in kept.told


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("email", "ana@example.com"),
        ("phone", "+5511961234567"),
        ("cpf", "529.982.247-25"),
    ],
)
@pytest.mark.parametrize("key", ["trader", "id"])
def test_an_address_in_the_place_of_a_reference_names_its_owner(kind, value, key):
    assert (kind, value) in read({key: value}).told


@pytest.mark.parametrize("value", ["T-1", "10023344", "conta 7", "52998224726"])
def test_a_reference_that_names_nobody_does(value):
    assert clear(value) == value


@pytest.mark.parametrize("value", [[], {}, [["x"]], 7, None, True])
def test_what_stands_where_a_text_should_is_kept_as_it_came(value):
    row = {"id": value, "trader": value, "type": value, "data": {"email": value}}
    kept = read({**row, "currency": value})
    assert (kept.told, json.loads(kept.text)["id"]) == (frozenset(), value)


def test_a_row_that_is_too_long_is_noted_and_not_kept():
    assert read({"id": "1", "data": {"x": "a" * MAX_ROW}}).text is None


@given(JSON)
def test_nothing_a_program_may_send_breaks_it(raw):
    kept = read(raw)
    assert kept.text is None or len(kept.text) <= MAX_ROW
    assert all(isinstance(value, str) for _kind, value in kept.told)


def test_a_line_without_columns_may_name_somebody_in_any_cell():
    told = read({"cells": ["T-1", " ana@example.com", "", None]}).told
    assert ("external_ref", "T-1") in told
    assert ("email", "ana@example.com") in told
