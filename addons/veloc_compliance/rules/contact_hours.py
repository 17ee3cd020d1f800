"""When may a person be contacted for promotion? Windows in their own wall time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import holidays

# Longer than any run of closed days a sensible table can produce.
HORIZON_DAYS = 14


@dataclass(frozen=True, slots=True)
class Window:
    """Open from ``opens`` to ``closes`` (minutes of the day) on these weekdays.

    Weekdays count from Monday = 0, both ends included.
    """

    weekday_from: int
    weekday_to: int
    opens: int
    closes: int
    on_holidays: bool = False

    def covers(self, day: date, is_holiday: bool) -> bool:
        """Return whether the window exists on that day."""
        on_weekday = self.weekday_from <= day.weekday() <= self.weekday_to
        return on_weekday and (self.on_holidays or not is_holiday)


@dataclass(frozen=True, slots=True)
class HourRow:
    """A line of the contact-hour table; ``uf`` None means the whole country."""

    uf: str | None
    channel: str
    window: Window


class HourTable:
    """The contact-hour table, ready to be asked per channel and state."""

    def __init__(self, rows: Iterable[HourRow]):
        self._windows: dict[tuple[str, str | None], tuple[Window, ...]] = {}
        for row in sorted(rows, key=lambda row: row.window.opens):
            key = row.channel, row.uf
            self._windows[key] = (*self._windows.get(key, ()), row.window)

    def windows(self, channel: str, uf: str | None) -> tuple[Window, ...]:
        """Return the windows in force; a state's own replace the country's."""
        country = self._windows.get((channel, None), ())
        return self._windows.get((channel, uf), country)


@cache
def _calendar(country: str, uf: str | None) -> holidays.HolidayBase | None:
    """Return the calendar; only the one asked for is loaded, not those of the world."""
    for subdivision in dict.fromkeys((uf, None)):
        try:
            return holidays.country_holidays(country, subdiv=subdivision)
        except NotImplementedError:
            continue
    return None


@lru_cache(maxsize=4096)
def is_holiday(day: date, uf: str | None, country: str = "BR") -> bool:
    """Return whether ``day`` is a public holiday of the country or state."""
    calendar = _calendar(country, uf)
    return calendar is not None and day in calendar


# A batch asks the same few places at the same instant again and again.
@lru_cache(maxsize=4096)
def next_open(
    windows: tuple[Window, ...],
    zone: str,
    uf: str | None,
    now: datetime,
    country: str = "BR",
) -> datetime | None:
    """Return ``now`` when open, else the next opening; None when there is none.

    ``now`` and the answer are naive UTC; days and hours are judged in ``zone``.
    ``windows`` come sorted by opening, as ``HourTable`` gives them.
    """
    tz = ZoneInfo(zone)
    local = now.replace(tzinfo=UTC).astimezone(tz)
    for offset in range(HORIZON_DAYS + 1):
        day = local.date() + timedelta(days=offset)
        holiday = is_holiday(day, uf, country)
        for window in windows:
            if window.covers(day, holiday):
                start, end = _bounds(window, day, tz)
                if now < end:
                    return max(now, start)
    return None


def _bounds(window: Window, day: date, tz: ZoneInfo) -> tuple[datetime, datetime]:
    return _utc(day, window.opens, tz), _utc(day, window.closes, tz)


def _utc(day: date, minutes: int, tz: ZoneInfo) -> datetime:
    # 24:00 is the next day's midnight; time() knows no hour 24.
    days, minutes = divmod(minutes, 24 * 60)
    wall = datetime.combine(
        day + timedelta(days=days), time(minutes // 60, minutes % 60), tzinfo=tz
    )
    return wall.astimezone(UTC).replace(tzinfo=None)
