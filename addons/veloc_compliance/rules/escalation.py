"""Who is told of an alert that nobody has taken, and when the next one is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Level:
    """One step of the ladder: minutes without an answer per severity, none = never."""

    id: int
    minutes: Mapping[str, int | None]

    def at(self, severity: str, since: datetime) -> datetime | None:
        """Return when this level is told of an alert that has been open ``since``."""
        minutes = self.minutes.get(severity)
        return None if minutes is None else since + timedelta(minutes=minutes)


def due(
    levels: Iterable[Level],
    severity: str,
    since: datetime,
    now: datetime,
    told: Collection[int] = (),
) -> list[Level]:
    """Return the levels to tell now, in their order; those in ``told`` know already.

    After an outage several are due at once: each is still told, once.
    """
    return [
        level
        for level in levels
        if level.id not in told
        and (at := level.at(severity, since)) is not None
        and at <= now
    ]


def next_at(
    levels: Iterable[Level],
    severity: str,
    since: datetime,
    told: Collection[int] = (),
) -> datetime | None:
    """Return when the next level is to be told, or None when the ladder is climbed."""
    times = [
        at
        for level in levels
        if level.id not in told and (at := level.at(severity, since)) is not None
    ]
    return min(times, default=None)
