"""Branches, accounts and PIX keys: read, told apart, masked."""

import pytest

from odoo.addons.veloc_compliance.rules import bank_details as bank

KEY = "9f1c2d3e-4b5a-4c6d-8e7f-0a1b2c3d4e5f"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("1", "001"),
        ("341", "341"),
        ("60701190", "60701190"),
        ("Itaú", None),
        ("12345", None),
    ],
)
def test_a_bank_is_named_by_its_code(typed, kept):
    assert bank.read_bank_code(typed) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("1234-5", "1234"),
        ("12", "0012"),
        ("1.234", "1234"),
        ("123456", None),
        ("", None),
    ],
)
def test_a_branch_has_up_to_five_digits(typed, kept):
    assert bank.read_branch(typed) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("12.345-6", "123456"), ("00123-x", "00123X"), ("X1", None), ("1", None)],
)
def test_an_account_keeps_its_check_digit(typed, kept):
    assert bank.read_account(typed) == kept


@pytest.mark.parametrize(
    ("typed", "kind", "kept", "shown"),
    [
        ("529.982.247-25", "cpf", "52998224725", "***.982.247-**"),
        ("11.444.777/0001-61", "cnpj", "11444777000161", "••••161"),
        (" Ana@Example.com ", "email", "ana@example.com", "a•••@example.com"),
        ("+55 (11) 96123-4567", "phone", "+5511961234567", "••••567"),
        (KEY.upper(), "random", KEY, "••••e5f"),
    ],
)
def test_the_five_kinds_of_pix_keys_are_told_apart(typed, kind, kept, shown):
    assert bank.pix_kind(typed) == kind
    assert bank.read_pix(typed) == kept
    assert bank.mask_pix(kept) == shown


@pytest.mark.parametrize("typed", ["", "ana", "11961234567", "529.982.247-26", "+1"])
def test_what_the_central_bank_would_not_take_is_refused(typed):
    assert bank.read_pix(typed) is None
