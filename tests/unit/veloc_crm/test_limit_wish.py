from decimal import Decimal
from types import SimpleNamespace

import pytest

from odoo.addons.veloc_crm.rules.limit_wish import LimitWish, read


def event(amount=None, currency=None, **data):
    return SimpleNamespace(data=data, amount=amount, currency=currency)


def test_a_limit_of_money_has_the_events_amount():
    wish = read(event(Decimal(50), "BRL", limit="loss", period="week"))
    assert wish == LimitWish("loss", "week", Decimal(50), "BRL")


def test_without_an_amount_the_limit_is_to_go():
    assert read(event(limit="deposit", period="day")).value is None
    assert read(event(limit="time", period="day")).value is None


def test_a_limit_of_time_is_in_minutes():
    wish = read(event(limit="time", period="day", minutes=90))
    assert wish == LimitWish("time", "day", Decimal(90))


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"limit": "luck", "period": "day"},
        {"limit": "loss", "period": "year"},
        {"limit": "loss", "period": ["day"]},
        {"limit": "time", "period": "day", "minutes": "90"},
        {"limit": "time", "period": "day", "minutes": 0},
        {"limit": "time", "period": "day", "minutes": True},
        {"limit": "time", "period": "day", "minutes": 10**6},
    ],
)
def test_what_makes_no_sense_is_no_limit(data):
    assert read(event(**data)) is None
