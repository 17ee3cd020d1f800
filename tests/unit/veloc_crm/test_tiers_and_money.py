"""Tiers, exchange and the day book."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from odoo.addons.veloc_crm.rules.daybook import Account, Entry, book
from odoo.addons.veloc_crm.rules.money import Rates, convert
from odoo.addons.veloc_crm.rules.tiers import Threshold, Volume, tier_for

LADDER = [
    Threshold(1),
    Threshold(2, Decimal(500), 20),
    Threshold(3, Decimal(5000), 200),
]


@pytest.mark.parametrize(
    ("deposits", "trades", "tier"),
    [
        ("0", 0, 1),
        ("499.99", 19, 1),
        ("500", 0, 2),
        ("0", 20, 2),
        ("4999.99", 199, 2),
        ("5000.00", 0, 3),
        ("0", 200, 3),
        ("1000000", 0, 3),
    ],
)
def test_the_highest_threshold_reached_decides(deposits, trades, tier):
    assert tier_for(Volume(Decimal(deposits), trades), LADDER) == tier


def test_a_zero_is_no_threshold():
    ladder = [Threshold(1), Threshold(2, Decimal(0), 5)]
    assert tier_for(Volume(Decimal(999), 0), ladder) == 1


def test_without_an_open_tier_a_small_trader_has_none():
    assert tier_for(Volume(Decimal(1), 0), LADDER[1:]) is None
    assert tier_for(Volume(Decimal(1), 0), []) is None


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


def entry(kind, hour, trader=1, **values):
    return Entry(trader, kind, datetime(2026, 3, 1, hour), **values)


SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def test_a_day_is_a_day_of_the_zone():
    days, _ = book([entry("login", 2), entry("login", 3)], SAO_PAULO)
    assert list(days) == [(1, date(2026, 2, 28)), (1, date(2026, 3, 1))]


def test_sums_of_a_day():
    days, accounts = book(
        [
            entry("deposit_approved", 12, amount=Decimal("0.10")),
            entry("deposit_approved", 13, amount=Decimal("0.20")),
            entry("deposit_failed", 13, amount=Decimal(99)),
            entry("withdrawal_paid", 14, amount=Decimal("0.05")),
            entry("withdrawal_requested", 14, amount=Decimal(99)),
            entry("trade", 15, volume=Decimal(100), result=Decimal("-1.5")),
            entry("login", 16),
        ],
        SAO_PAULO,
    )
    [sums] = days.values()
    assert (sums.event_count, sums.login_count, sums.trade_count) == (7, 1, 1)
    assert (sums.deposit_count, sums.deposit_total) == (2, Decimal("0.30"))
    assert (sums.withdrawal_count, sums.withdrawal_total) == (1, Decimal("0.05"))
    assert (sums.volume_total, sums.result_total) == (Decimal(100), Decimal("-1.5"))
    assert accounts[1].sums == sums


def test_traders_and_days_come_sorted_for_those_who_lock():
    days, accounts = book(
        [entry("login", 12, trader) for trader in (9, 2, 5)], SAO_PAULO
    )
    assert [trader for trader, _ in days] == list(accounts) == [2, 5, 9]


def test_first_last_and_kyc_of_a_batch():
    account = Account(
        entries=[
            entry("kyc_approved", 15),
            entry("kyc_submitted", 12),
            entry("deposit_approved", 14),
            entry("deposit_approved", 13),
        ]
    )
    assert account.first("deposit_approved").hour == 13
    assert account.last("deposit_approved").hour == 14
    assert account.last().hour == 15
    assert account.kyc() == ("approved", datetime(2026, 3, 1, 15))
    assert account.first("trade") is None
    assert Account().kyc() is None
