"""How fast messages may leave: a token bucket in one number.

The number is the time at which the bucket will be full again (the "theoretical arrival
time" of GCRA), in seconds of any clock. Whoever takes tokens moves it on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bucket:
    """``rate`` tokens a second, at most ``burst`` of them saved up."""

    rate: float
    burst: int

    @classmethod
    def of(cls, rate: float, burst: int = 0) -> Bucket:
        """Return the bucket for a rate; without a burst it holds one second's tokens.

        >>> Bucket.of(0.5), Bucket.of(10, 3)
        (Bucket(rate=0.5, burst=1), Bucket(rate=10, burst=3))
        """
        return cls(rate, burst or max(math.ceil(rate), 1))

    def available(self, full_at: float, now: float) -> int:
        """Return how many tokens can be taken now."""
        missing = (self._sane(full_at, now) - now) * self.rate
        return max(math.floor(self.burst - missing + 1e-6), 0)

    def take(self, full_at: float, now: float, count: int) -> float:
        """Return the number after taking ``count`` tokens."""
        return self._sane(full_at, now) + count / self.rate

    def ready_in(self, full_at: float, now: float, count: int = 1) -> float:
        """Return the seconds until ``count`` tokens (at most a burst) are there."""
        wanted = min(count, self.burst)
        full_in = self._sane(full_at, now) - now
        return max(full_in - (self.burst - wanted) / self.rate, 0.0)

    def _sane(self, full_at, now):
        """Return a time that can be: a later one is of a clock that jumped back."""
        return min(max(full_at, now), now + self.burst / self.rate)
