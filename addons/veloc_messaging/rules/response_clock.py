"""How long a person has been waiting, in the hours that somebody works."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import holidays

# Longer than the longest pause a sensible calendar can have.
HORIZON_DAYS = 30
COUNTRY = "BR"


@dataclass(frozen=True, slots=True)
class Stint:
    """Work from ``begins`` to ``ends`` (minutes of the day) on one weekday.

    Weekdays count from Monday = 0.
    """

    weekday: int
    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class Hours:
    """The working hours of a desk, in its own wall time.

    ``closed`` are further pauses, from and to in naive UTC.
    """

    zone: str
    stints: tuple[Stint, ...]
    uf: str | None = None
    keeps_holidays: bool = True
    closed: tuple[tuple[datetime, datetime], ...] = ()


def due_at(hours: Hours, start: datetime, minutes: float) -> datetime | None:
    """Return when ``minutes`` of work have passed since ``start``.

    Times are naive UTC. None when nobody works within the horizon.
    """
    left = timedelta(minutes=minutes)
    for begins, ends in spans(hours, start):
        if ends - begins >= left:
            return begins + left
        left -= ends - begins
    return None


def minutes_between(hours: Hours, start: datetime, end: datetime) -> float:
    """Return the minutes of work between two moments in naive UTC."""
    total = timedelta()
    while start < end:
        # Spans reach as far as the horizon; a longer wait is counted in pieces.
        piece = min(end, start + timedelta(days=HORIZON_DAYS - 1))
        for begins, ends in spans(hours, start):
            if begins >= piece:
                break
            total += min(ends, piece) - begins
        start = piece
    return total.total_seconds() / 60


def is_open(hours: Hours, now: datetime) -> bool:
    """Return whether somebody works at ``now`` (naive UTC)."""
    first = next(spans(hours, now), None)
    return first is not None and first[0] == now


def next_closing(hours: Hours, now: datetime) -> datetime | None:
    """Return the end of the working day that ``now`` is in, or of the next one.

    The last stint of a day ends it; a lunch break does not.
    """
    tz = ZoneInfo(hours.zone)
    day, closing = None, None
    for _begins, ends in spans(hours, now):
        local_day = _local(ends, tz).date()
        if closing is not None and local_day != day:
            break
        day, closing = local_day, ends
    return closing


def spans(hours: Hours, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the spans of work from ``start`` on, in naive UTC and in order."""
    first = _local(start, ZoneInfo(hours.zone)).date()
    for offset in range(HORIZON_DAYS + 1):
        for begins, ends in _spans_of_day(hours, first + timedelta(days=offset)):
            if ends > start:
                yield max(begins, start), ends


@lru_cache(maxsize=4096)
def _spans_of_day(hours: Hours, day: date) -> tuple[tuple[datetime, datetime], ...]:
    if hours.keeps_holidays and _is_holiday(day, hours.uf):
        return ()
    tz = ZoneInfo(hours.zone)
    stints = sorted(
        (s for s in hours.stints if s.weekday == day.weekday()), key=lambda s: s.begins
    )
    worked = [(_utc(day, s.begins, tz), _utc(day, s.ends, tz)) for s in stints]
    for pause in hours.closed:
        worked = [piece for span in worked for piece in _without(span, pause)]
    return tuple(worked)


def _without(span, pause):
    """Return what is left of a span when a pause is taken out."""
    (begins, ends), (out, back) = span, pause
    if back <= begins or out >= ends:
        return [span]
    left = [(begins, out)] if out > begins else []
    return left + ([(back, ends)] if back < ends else [])


@cache
def _calendar(uf: str | None) -> holidays.HolidayBase:
    known = holidays.list_supported_countries()[COUNTRY]
    return holidays.country_holidays(COUNTRY, subdiv=uf if uf in known else None)


def _is_holiday(day: date, uf: str | None) -> bool:
    return day in _calendar(uf)


def _local(moment: datetime, tz: ZoneInfo) -> datetime:
    return moment.replace(tzinfo=UTC).astimezone(tz)


def _utc(day: date, minutes: int, tz: ZoneInfo) -> datetime:
    # 24:00 is the next day's midnight; time() knows no hour 24.
    days, minutes = divmod(minutes, 24 * 60)
    wall = datetime.combine(
        day + timedelta(days=days), time(minutes // 60, minutes % 60), tzinfo=tz
    )
    return wall.astimezone(UTC).replace(tzinfo=None)
