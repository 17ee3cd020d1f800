"""Exchange and identity checks."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import pytest

from odoo.addons.veloc_crm.rules.kyc import latest_kyc
from odoo.addons.veloc_crm.rules.money import Rates, convert

RATES = Rates(
    "BRL",
    {
        "USD": [
            (date(2026, 1, 1), Decimal("0.20")),
            (date(2026, 2, 1), Decimal("0.25")),
        ],
        "ZZZ": [(date(2026, 1, 1), Decimal(0))],
    },
)


@pytest.mark.parametrize(
    ("currency", "day", "factor"),
    [
        (None, date(1990, 1, 1), 1),
        ("BRL", date(1990, 1, 1), 1),
        ("USD", date(2025, 12, 31), None),
        ("USD", date(2026, 1, 1), 5),
        ("USD", date(2026, 1, 31), 5),
        ("USD", date(2026, 2, 1), 4),
        ("EUR", date(2026, 2, 1), None),
        ("ZZZ", date(2026, 2, 1), None),
    ],
)
def test_the_rate_of_the_day_or_none(currency, day, factor):
    assert RATES.factor(currency, day) == factor


def test_the_company_may_have_a_rate_of_its_own():
    rates = Rates(
        "BRL",
        {
            "USD": [(date(2026, 1, 1), Decimal("1.1"))],
            "BRL": [(date(2026, 1, 1), Decimal("5.5"))],
        },
    )
    assert rates.factor("USD", date(2026, 1, 1)) == 5


@pytest.mark.parametrize(
    ("amount", "factor", "expected"),
    [
        ("10.005", "1", "10.005"),
        ("0.00000001", "1", "0.00000001"),
        ("10", "5.123", "51.23"),
        ("0.01", "0.5", "0.01"),
        ("-3", "5.0055", "-15.02"),
    ],
)
def test_only_foreign_money_is_rounded(amount, factor, expected):
    assert convert(Decimal(amount), Decimal(factor)) == Decimal(expected)


@dataclass
class Told:
    trader: str
    type: str
    at: datetime


def test_the_latest_identity_check_of_each_trader_holds():
    def told(trader, kind, hour):
        return Told(trader, kind, datetime(2026, 3, 1, hour))

    found = latest_kyc(
        [
            told("T", "kyc_approved", 15),
            told("T", "kyc_submitted", 12),
            told("T", "login", 16),
            told("U", "kyc_submitted", 12),
            told("U", "kyc_rejected", 12),
        ]
    )
    assert found == {
        "T": ("approved", datetime(2026, 3, 1, 15)),
        "U": ("rejected", datetime(2026, 3, 1, 12)),
    }
    assert latest_kyc([]) == {}
