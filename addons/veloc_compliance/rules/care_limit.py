"""A person's own limits: lower ones hold at once, higher ones wait.

Pure: says what becomes of a wish, and whether a sum has reached its limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal

KINDS = ("deposit", "loss", "time")
PERIODS = ("day", "week", "month")
# The delay of a raise may be set between these.
SHORTEST_DELAY = timedelta(hours=24)
LONGEST_DELAY = timedelta(days=7)

TIGHTEN, WAIT, KEEP = "tighten", "wait", "keep"


@dataclass(frozen=True, slots=True)
class Wish:
    """What becomes of a wished limit, and from when it holds."""

    effect: str
    effective_at: datetime


def judge(
    current: Decimal | None, wished: Decimal | None, now: datetime, delay: timedelta
) -> Wish:
    """Return what becomes of the wish; None stands for no limit at all."""
    if wished == current:
        return Wish(KEEP, now)
    is_lower = wished is not None and (current is None or wished < current)
    return Wish(TIGHTEN, now) if is_lower else Wish(WAIT, now + clamp(delay))


def clamp(delay: timedelta) -> timedelta:
    """Return the delay within what is allowed: nobody sets it to nothing."""
    return min(max(delay, SHORTEST_DELAY), LONGEST_DELAY)


def period_start(period: str, local_now: datetime) -> datetime:
    """Return when the running period began, in the same local time."""
    day = local_now.date()
    if period == "week":
        day -= timedelta(days=day.weekday())
    elif period == "month":
        day = day.replace(day=1)
    return datetime.combine(day, time(), tzinfo=local_now.tzinfo)


def period_end(period: str, local_now: datetime) -> datetime:
    """Return when the running period ends: the first moment of the next."""
    start = period_start(period, local_now)
    if period == "month":
        # The 28th plus four days always lies in the next month.
        return (start.replace(day=28) + timedelta(days=4)).replace(day=1)
    return start + timedelta(days=7 if period == "week" else 1)
