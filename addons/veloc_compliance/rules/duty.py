"""Who has the watch at a moment: single shifts and those that come back each week."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Shift:
    """One person's watch; ``weekly`` ones repeat until ``until`` (None: for good)."""

    user_id: int
    start: datetime
    stop: datetime
    weekly: bool = False
    until: datetime | None = None

    def covers(self, moment: datetime) -> bool:
        """Return whether the person has the watch at this moment; the end is free."""
        if moment < self.start:
            return False
        if not self.weekly:
            return moment < self.stop
        if self.until and moment >= self.until:
            return False
        return (moment - self.start) % WEEK < self.stop - self.start


def on_duty(shifts: Iterable[Shift], moment: datetime) -> list[int]:
    """Return the ids of those who have the watch, each once, in the order given."""
    return list(dict.fromkeys(s.user_id for s in shifts if s.covers(moment)))
