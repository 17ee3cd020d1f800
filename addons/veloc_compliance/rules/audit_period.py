"""Which period an audit is about, and by when it has to be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

# Months of a period; a week has none.
MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}
# So many periods that nobody audited are shown as missed, not more.
MOST_MISSED = 12


@dataclass(frozen=True, slots=True)
class Period:
    """From its first to its last day, both included."""

    first: date
    last: date


def period_of(kind: str, day: date) -> Period:
    """Return the week (Monday to Sunday), month, quarter or year a day lies in."""
    if kind == "weekly":
        first = day - timedelta(days=day.weekday())
        return Period(first, first + timedelta(days=6))
    months = MONTHS[kind]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    return Period(first, _plus_months(first, months) - timedelta(days=1))


def missing(kind: str, last_first: date | None, begun: date, today: date):
    """Return the periods up to today's that have no audit yet, oldest first.

    ``last_first`` is the first day of the newest period that has one, ``begun`` the day
    since when the plan holds: what nobody audited meanwhile is not passed over.
    """
    current = period_of(kind, today)
    periods: list[Period] = []
    while len(periods) < MOST_MISSED and current.last >= begun:
        if last_first is not None and current.first <= last_first:
            break
        periods.append(current)
        current = period_of(kind, current.first - timedelta(days=1))
    return periods[::-1]


def due_on(period: Period, days: int) -> date:
    """Return the last day to do it: so many days after its beginning, in the period."""
    return min(period.first + timedelta(days=max(days - 1, 0)), period.last)


def _plus_months(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)
