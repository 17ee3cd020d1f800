"""What delivery counts mean: times from a histogram, and when a share is too high.

Times are kept as counts per step of a geometric scale, which add up over accounts and
hours; what comes back is off by 5 % at most.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

GROWTH = 1.1  # each step is 10 % longer than the one before
Z = 1.96  # 95 %: how sure we are before an account is stopped

SHARES = frozenset({"failures", "complaints", "opt_outs", "slow_delivery"})


def step_of(seconds: float) -> int:
    """Return the step that holds a duration; one second and less is step 0.

    >>> step_of(0.2), step_of(1), step_of(2), step_of(60)
    (0, 0, 8, 43)
    """
    if seconds <= 1:
        return 0
    return math.ceil(round(math.log(seconds) / math.log(GROWTH), 9))


def seconds_of(step: int) -> float:
    """Return a duration in the middle of a step."""
    if step <= 0:
        return 1.0
    return GROWTH ** (step - 0.5)


def quantile(steps: Mapping[int, int], share: float) -> float | None:
    """Return the duration that ``share`` of the counted ones do not exceed.

    >>> quantile({}, 0.5)
    >>> round(quantile({0: 95, 43: 5}, 0.95)), round(quantile({0: 94, 43: 6}, 0.95))
    (1, 57)
    """
    total = sum(steps.values())
    if total <= 0:
        return None
    wanted = math.ceil(round(share * total, 9))
    seen = 0
    for step in sorted(steps):
        seen += steps[step]
        if seen >= wanted:
            return seconds_of(step)
    return None


def slower_than(steps: Mapping[int, int], seconds: float) -> int:
    """Return how many took surely longer: those of steps above that of ``seconds``."""
    limit = step_of(seconds)
    return sum(count for step, count in steps.items() if step > limit)


def at_least(count: int, sample: int) -> float:
    """Return the share we may be sure of: the lower end of Wilson's 95 % interval.

    Three failures of five say little, three hundred of five hundred say much.

    >>> round(at_least(3, 5), 2), round(at_least(300, 500), 2), at_least(0, 0)
    (0.23, 0.56, 0.0)
    """
    if sample <= 0:
        return 0.0
    share = min(count / sample, 1.0)
    spread = Z * math.sqrt(share * (1 - share) / sample + Z * Z / (4 * sample * sample))
    middle = share + Z * Z / (2 * sample)
    return max((middle - spread) / (1 + Z * Z / sample), 0.0)


@dataclass(frozen=True, slots=True)
class Window:
    """What happened on one account in a window of time."""

    accepted: int = 0
    rejected: int = 0  # failed without ever being accepted
    failed: int = 0
    opt_outs: int = 0
    complaints: int = 0
    steps: Mapping[int, int] | None = None
    queue_seconds: float = 0.0

    @property
    def tried(self) -> int:
        """Return how many went out; late failures alone count as tried."""
        return max(self.accepted + self.rejected, self.failed)


@dataclass(frozen=True, slots=True)
class Limit:
    """Where trouble begins: a share (0.2 is 20 %) or seconds."""

    measure: str
    value: float
    min_sample: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """One look: how much, of how many, and what follows."""

    value: float
    sample: int
    crossed: bool
    over: bool


def read(limit: Limit, window: Window) -> Reading:
    """Return what the window says about the limit.

    It is ``crossed`` only when the sample is large enough and even the lower end of
    the interval is above the limit; it is ``over`` when the plain share is back below
    it. Between the two nothing changes, so nothing flickers.
    """
    if limit.measure == "queue_stuck":
        late = window.queue_seconds > limit.value
        return Reading(window.queue_seconds, 1, late, not late)
    if limit.measure == "slow_delivery":
        return _read_slow(limit, window)
    count, sample = {
        "failures": (window.failed, window.tried),
        "complaints": (window.complaints, window.accepted),
        "opt_outs": (window.opt_outs, window.accepted),
    }[limit.measure]
    share = min(count / sample, 1.0) if sample else 0.0
    sure = sample >= limit.min_sample and at_least(count, sample) > limit.value
    return Reading(share, sample, sure, share <= limit.value)


def _read_slow(limit: Limit, window: Window) -> Reading:
    """More than 5 % surely above the limit is the same as p95 above it."""
    steps = window.steps or {}
    sample = sum(steps.values())
    p95 = quantile(steps, 0.95) or 0.0
    sure = at_least(slower_than(steps, limit.value), sample) > 0.05
    crossed = sample >= limit.min_sample and sure
    return Reading(p95, sample, crossed, p95 <= limit.value)
