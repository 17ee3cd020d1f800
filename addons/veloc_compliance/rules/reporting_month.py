"""Calendar months of the monthly report, in the controller's own time."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

_UTC = ZoneInfo("UTC")


def month_before(moment: datetime, zone: str) -> date:
    """Return the first day of the month before a moment (naive UTC) in a zone."""
    here = moment.replace(tzinfo=_UTC).astimezone(ZoneInfo(zone)).date()
    return (here.replace(day=1) - timedelta(days=1)).replace(day=1)


def bounds(first: date, zone: str) -> tuple[datetime, datetime]:
    """Return where a month begins and where the next one does, as naive UTC."""
    following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return _midnight(first, zone), _midnight(following, zone)


def _midnight(day, zone):
    local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return local.astimezone(_UTC).replace(tzinfo=None)


def months_due(first: date, last: date, most: int = 12) -> list[date]:
    """Return the first days of the months from ``first`` to ``last``, oldest first.

    A system that was off for years does not write a hundred reports: the newest count.
    """
    months = []
    current = last
    while current >= first and len(months) < most:
        months.append(current)
        current = (current - timedelta(days=1)).replace(day=1)
    return months[::-1]
