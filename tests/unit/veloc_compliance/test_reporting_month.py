from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_compliance.rules import reporting_month

ZONE = "America/Sao_Paulo"


@pytest.mark.parametrize(
    ("moment", "first"),
    [
        (datetime(2026, 11, 22, 12), date(2026, 10, 1)),
        # Two in the morning in Greenwich is still the last of October here.
        (datetime(2026, 11, 1, 2), date(2026, 9, 1)),
        (datetime(2026, 11, 1, 4), date(2026, 10, 1)),
        (datetime(2027, 1, 5), date(2026, 12, 1)),
    ],
)
def test_the_month_that_is_over_is_told_by_the_clock_here(moment, first):
    assert reporting_month.month_before(moment, ZONE) == first


def test_a_month_begins_at_midnight_here():
    start, end = reporting_month.bounds(date(2026, 2, 1), ZONE)
    assert (start, end) == (datetime(2026, 2, 1, 3), datetime(2026, 3, 1, 3))


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_months_join_without_gap_or_overlap(day):
    first = day.replace(day=1)
    _start, end = reporting_month.bounds(first, ZONE)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    assert end == reporting_month.bounds(following, ZONE)[0]


def test_missing_months_come_oldest_first_and_not_by_the_hundred():
    months = reporting_month.months_due(date(2026, 8, 1), date(2026, 10, 1))
    assert months == [date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)]
    assert len(reporting_month.months_due(date(1990, 1, 1), date(2026, 10, 1))) == 12
