"""The arithmetic of a bucket that fills up again: when the next hit is allowed."""

import math

# Sums of floats: the last hit that is allowed must not miss by a rounding error.
EPSILON = 0.001


def wait(
    full_at: float, now: float, limit: int, seconds: int, amount: float = 1
) -> int:
    """Return the whole seconds until ``amount`` hits are allowed; 0 means now.

    ``full_at``: when the bucket will be full again (in the past: it is full).
    """
    if limit < 1:
        return 0
    spent_until = max(full_at, now) + amount * seconds / limit
    return whole_seconds(spent_until - now - seconds - EPSILON)


def whole_seconds(wait: float) -> int:
    """Return how many seconds to tell the caller; 0 if the hit was allowed."""
    return max(math.ceil(wait), 0)


def words(seconds: int) -> tuple[str, int]:
    """Return the unit and number a person would say for a wait: never less."""
    if seconds < 120:
        return "seconds", seconds
    return "minutes", math.ceil(seconds / 60)
