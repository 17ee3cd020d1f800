"""Terms in business days, as the authority counts them: whole days of one place.

The day of the start does not count, the last day counts to its end (Law 9,784/99,
art. 66). Saturdays, Sundays and national holidays are no business days.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays as calendars
from dateutil.easter import easter

LAST_SECOND = time(23, 59, 59)
# Days before Easter: Monday and Tuesday.
CARNIVAL = (48, 47)


@dataclass(frozen=True, slots=True)
class NationalHolidays:
    """Brazil's national holidays; ``day in holidays`` asks.

    Carnival is no holiday by law, but federal offices are closed on its Monday and
    Tuesday, and a term does not end or run on days without service. Who counts it as
    working days gets an earlier, stricter term. Ash Wednesday (open in the afternoon)
    and Corpus Christi count as business days: the stricter reading.
    """

    with_carnival: bool = True

    def __contains__(self, day: date) -> bool:
        return day in _national() or (self.with_carnival and is_carnival(day))


@cache
def _national():
    return calendars.country_holidays("BR")


def is_carnival(day: date) -> bool:
    """Return whether ``day`` is the Monday or Tuesday of carnival."""
    return (easter(day.year) - day).days in CARNIVAL


def is_business_day(day: date, holidays: Container[date]) -> bool:
    """Return whether offices work on ``day``."""
    return day.weekday() < 5 and day not in holidays


def add_business_days(
    moment: datetime, n: int, zone: str, holidays: Container[date]
) -> datetime:
    """Return the last second of the ``n``-th business day after ``moment``.

    Both are naive UTC; days begin and end in ``zone``.
    """
    if n < 1:
        raise ValueError("a term has at least one day")
    place = ZoneInfo(zone)
    day = moment.replace(tzinfo=UTC).astimezone(place).date()
    left = n
    while left:
        day += timedelta(days=1)
        left -= is_business_day(day, holidays)
    end = datetime.combine(day, LAST_SECOND, tzinfo=place)
    return end.astimezone(UTC).replace(tzinfo=None)
