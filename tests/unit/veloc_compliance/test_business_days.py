"""Terms in business days: vectors of the law, and laws that hold for all terms."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_compliance.rules.business_days import (
    NationalHolidays,
    add_business_days,
    is_business_day,
    is_carnival,
)

ZONE = "America/Sao_Paulo"
PLACE = ZoneInfo(ZONE)
HOLIDAYS = NationalHolidays()
STRICT = NationalHolidays(with_carnival=False)

moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1))
terms = st.integers(1, 40)


def utc(*local):
    """Return a local moment as the naive UTC that the house stores."""
    moment = datetime(*local, tzinfo=PLACE)
    return moment.astimezone(UTC).replace(tzinfo=None)


def due(known, days=3, holidays=HOLIDAYS, zone=ZONE):
    end = add_business_days(known, days, zone, holidays)
    return end.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))


@pytest.mark.parametrize(
    ("known", "last_day"),
    [
        # Friday 18:00: Monday, Tuesday, Wednesday.
        (utc(2026, 3, 13, 18), date(2026, 3, 18)),
        (utc(2026, 3, 14, 11), date(2026, 3, 18)),
        (utc(2026, 3, 15, 23, 59), date(2026, 3, 18)),
        (utc(2026, 3, 16, 0, 0), date(2026, 3, 19)),
        # 23:00 in São Paulo is tomorrow in UTC: the local day counts.
        (utc(2026, 3, 16, 23), date(2026, 3, 19)),
        # Carnival 2026: 16 and 17 February; Ash Wednesday counts.
        (utc(2026, 2, 13, 18), date(2026, 2, 20)),
        # Good Friday and Tiradentes.
        (utc(2026, 4, 1, 10), date(2026, 4, 7)),
        (utc(2026, 4, 17, 10), date(2026, 4, 23)),
        # Corpus Christi is no national holiday.
        (utc(2026, 6, 2, 10), date(2026, 6, 5)),
        # Black Awareness Day is one since 2024.
        (utc(2026, 11, 18, 10), date(2026, 11, 24)),
        (utc(2023, 11, 16, 10), date(2023, 11, 21)),
        # Christmas and New Year's Day.
        (utc(2026, 12, 23, 10), date(2026, 12, 29)),
        (utc(2026, 12, 30, 10), date(2027, 1, 5)),
    ],
)
def test_three_business_days(known, last_day):
    assert due(known).date() == last_day


def test_friday_evening_knowledge_is_due_on_wednesday_to_its_last_second():
    end = due(utc(2026, 3, 13, 18))
    assert end == datetime(2026, 3, 18, 23, 59, 59, tzinfo=PLACE)
    assert end.strftime("%A") == "Wednesday"


def test_carnival_shifts_the_term_unless_the_stricter_reading_is_chosen():
    known = utc(2026, 2, 13, 18)
    assert due(known).date() == date(2026, 2, 20)
    assert due(known, holidays=STRICT).date() == date(2026, 2, 18)


def test_twenty_business_days_for_additions():
    assert due(utc(2026, 3, 18, 12), 20).date() == date(2026, 4, 16)


def test_the_day_is_that_of_the_place():
    known = datetime(2026, 3, 16, 4, 30)  # 1:30 in São Paulo, 23:30 in Rio Branco
    assert due(known).date() == date(2026, 3, 19)
    assert due(known, zone="America/Rio_Branco").date() == date(2026, 3, 18)


@pytest.mark.parametrize("year", range(2020, 2041))
def test_carnival_is_a_monday_and_a_tuesday_each_year(year):
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(120)]
    found = [day for day in days if is_carnival(day)]
    assert [day.weekday() for day in found] == [0, 1]


@pytest.mark.parametrize("n", [0, -1])
def test_a_term_without_days_is_a_bug(n):
    with pytest.raises(ValueError, match="at least one day"):
        add_business_days(datetime(2026, 3, 13), n, ZONE, HOLIDAYS)


@given(moments, terms)
def test_a_term_ends_on_a_business_day_after_its_start(known, days):
    end = due(known, days)
    start = known.replace(tzinfo=UTC).astimezone(PLACE)
    assert is_business_day(end.date(), HOLIDAYS)
    assert end.timetz().replace(tzinfo=None) == time(23, 59, 59)
    between = [
        start.date() + timedelta(days=n)
        for n in range(1, (end.date() - start.date()).days + 1)
    ]
    assert sum(is_business_day(day, HOLIDAYS) for day in between) == days


@given(moments, terms, st.timedeltas(timedelta(0), timedelta(days=9)))
def test_who_knows_later_is_never_due_earlier(known, days, later):
    assert due(known, days) <= due(known + later, days)


@given(moments, terms, terms)
def test_two_terms_in_a_row_are_one_of_their_sum(known, first, second):
    end = add_business_days(known, first, ZONE, HOLIDAYS)
    assert due(end, second) == due(known, first + second)


@given(moments, terms)
def test_the_stricter_reading_is_never_later(known, days):
    assert due(known, days, STRICT) <= due(known, days)
