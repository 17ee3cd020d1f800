"""The number of a company, old form and new, against other people's arithmetic."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.br import cnpj as stdnum_cnpj

from odoo.addons.veloc_compliance.rules import cnpj as rule

SIGNS = string.digits + string.ascii_uppercase
BODIES = st.text(SIGNS, min_size=12, max_size=12)
DIGITS = st.text(string.digits, min_size=12, max_size=12)


def make(body):
    return body + rule.check_digits(body)


@pytest.mark.parametrize(
    "written",
    [
        # Serpro, "Cálculo dos dígitos verificadores de CNPJ alfanumérico".
        "12.ABC.345/01DE-35",
        # Banco do Brasil, Petrobras, and a number from a textbook.
        "00.000.000/0001-91",
        "33.000.167/0001-01",
        "42.318.949/0001-84",
    ],
)
def test_published_numbers_are_read_and_written_as_published(written):
    number = rule.read_cnpj(written)
    assert number == re.sub(r"[./-]", "", written)
    assert rule.format_cnpj(number) == written


@given(BODIES)
def test_another_program_computes_the_same_check_digits(body):
    assert rule.check_digits(body) == stdnum_cnpj.calc_check_digits(body)


@given(BODIES)
def test_a_cnpj_is_read_however_it_is_written(body):
    number = make(body)
    if len(set(number)) == 1:
        assert rule.read_cnpj(number) is None
        return
    written = rule.format_cnpj(number)
    for typed in (number, written, f" {number} ", written.lower()):
        assert rule.read_cnpj(typed) == number


@given(BODIES, st.integers(0, 11), st.sampled_from(SIGNS))
def test_a_wrong_sign_is_noticed_as_far_as_the_sum_can(body, place, sign):
    number = make(body)
    wrong = number[:place] + sign + number[place + 1 :]
    same = rule.check_digits(wrong[:12]) == number[12:]
    assert (rule.read_cnpj(wrong) == wrong) is (same and len(set(wrong)) > 1)


@given(DIGITS, st.integers(0, 11), st.integers(1, 9))
def test_one_wrong_digit_of_the_old_form_is_nearly_always_noticed(body, place, change):
    """The second digit's weights miss none; the first's rests of 0 and 1 are one."""
    digit = str((int(body[place]) + change) % 10)
    wrong = body[:place] + digit + body[place + 1 :]
    if rule.check_digits(wrong) == rule.check_digits(body):
        assert "0" in rule.check_digits(body)


@given(BODIES, st.sampled_from(string.digits), st.sampled_from(string.digits))
def test_only_one_pair_of_check_digits_is_right(body, first, second):
    typed = body + first + second
    right = make(body)
    expected = right if typed == right and len(set(right)) > 1 else None
    # Twelve or thirteen digits would be filled up; fourteen are what they are.
    assert rule.read_cnpj(typed) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "123",
        "11.111.111/1111-11",
        "00.000.000/0001-92",
        "12.ABC.345/01DE-36",
        "12.ABC.345/01DE-3A",
        "529.982.247-25",
        "00000000000191x",
        "12ÁBC34501DE35",
    ],
)
def test_what_is_no_cnpj_is_none(typed):
    assert rule.read_cnpj(typed) is None


def test_zeros_that_a_spreadsheet_dropped_come_back():
    assert rule.read_cnpj(str(int("00623904000173"))) == "00623904000173"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("00.000.000/0001-92", True),
        ("12abc34501de99", True),
        ("DE811569869", False),
        ("", False),
        (None, False),
    ],
)
def test_what_was_meant_to_be_one_is_recognised(text, expected):
    assert rule.looks_like_cnpj(text) is expected


@given(BODIES)
def test_a_mask_hides_the_beginning_and_the_check_digits(body):
    number = make(body)
    masked = rule.mask_cnpj(number)
    assert len(masked) == len(rule.format_cnpj(number))
    assert (masked[:3], masked[-3:]) == ("**.", "-**")


@given(BODIES)
def test_the_pattern_finds_the_number_and_no_longer_one(body):
    number = make(body)
    pattern = re.compile(rule.cnpj_pattern(number))
    written = rule.format_cnpj(number)
    assert pattern.search(f"CNPJ {written}, filial")
    assert pattern.search(f"({written.lower()})")
    assert pattern.search(number)
    assert not pattern.search(f"1{number}")
    assert not pattern.search(f"{number}A")
