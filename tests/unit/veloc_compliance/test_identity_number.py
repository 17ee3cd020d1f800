"""Numbers as people type them, and as much of them as may be seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.br import cpf as stdnum_cpf

from odoo.addons.veloc_compliance.rules import identity_number as identity

CPF = "52998224725"


def make_cpf(base):
    digits = f"{base:09d}"
    return digits + stdnum_cpf._calc_check_digits(digits)


CPFS = st.integers(min_value=1, max_value=999_999_998).map(make_cpf)


@given(CPFS)
def test_a_cpf_is_read_however_it_is_written(number):
    if len(set(number)) == 1:
        assert identity.read_cpf(number) is None
        return
    for typed in (number, identity.format_cpf(number), f" {number} "):
        assert identity.read_cpf(typed) == number


@given(
    CPFS, st.integers(min_value=0, max_value=10), st.integers(min_value=1, max_value=9)
)
def test_one_wrong_digit_is_noticed(number, place, change):
    digit = str((int(number[place]) + change) % 10)
    wrong = number[:place] + digit + number[place + 1 :]
    assert identity.read_cpf(wrong) != number


@pytest.mark.parametrize(
    "typed", ["", "123", "111.111.111-11", "529.982.247-26", "52998224725x", "191"]
)
def test_what_is_no_cpf_is_none(typed):
    assert identity.read_cpf(typed) is None


def test_zeros_that_a_spreadsheet_dropped_come_back():
    assert identity.read_cpf("1234567890") == "01234567890"


@given(CPFS)
def test_a_mask_shows_six_digits_at_most(number):
    masked = identity.mask_cpf(number)
    assert sum(map(str.isdigit, masked)) == 6
    assert number[:3] not in masked or number[:3] in (number[3:6], number[6:9])


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("12.345.678-x", "12345678X"),
        ("MG-12.345.678", "MG12345678"),
        ("FX 123456", "FX123456"),
        ("123", None),
        ("12345!", None),
        ("x" * 21, None),
    ],
)
def test_a_document_loses_its_signs(typed, kept):
    assert identity.read_document(typed) == kept


@pytest.mark.parametrize(
    ("number", "fits"),
    [
        ("62472927637", True),
        ("62472927636", False),
        ("11111111111", False),
        ("6247292763", False),
        ("6247292763X", False),
    ],
)
def test_a_driving_licence_has_check_digits(number, fits):
    assert identity.document_fits("cnh", number) is fits
    assert identity.document_fits("rg", number)


@pytest.mark.parametrize(
    ("text", "shown"),
    [("123456789", "••••789"), ("12345", "••••5"), ("1", "••••1")],
)
def test_of_other_numbers_the_end_is_shown(text, shown):
    assert identity.mask_end(text) == shown


def test_of_a_name_the_initials_are_shown():
    assert identity.mask_name("Maria da Silva") == "M••• S•••"
    assert identity.mask_name("maria") == "m•••"
    assert identity.read_name("  Maria   da Silva ") == "Maria da Silva"
    assert identity.read_name("123") is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("CPF 529.982.247-25, confirmado", [CPF]),
        (f"<p>{CPF}</p> e de novo 529.982.247-25", [CPF]),
        ("529 982 247 25", [CPF]),
        ("ligar para 11 96123-4567", []),
        ("pedido 529.982.247-26", []),
        (f"conta 9{CPF}", []),
        ("", []),
    ],
)
def test_cpfs_in_notes_are_found_by_their_check_digits(text, found):
    assert identity.find_cpfs(text) == found


@given(CPFS, st.text(max_size=20), st.text(max_size=20))
def test_a_note_can_be_told_without_its_cpfs(number, before, after):
    text = f"{before} {number} {after}"
    hidden = identity.hide_cpfs(text)
    if identity.read_cpf(number):
        assert number not in identity.find_cpfs(hidden)
