"""Which variant a visitor sees, and what the numbers of two variants allow to say."""

import hashlib
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

ERROR = 0.05
# Below this the interval of a rate is wider than any difference worth having.
FEWEST_SUCCESSES = 10


def pick(visitor: str, form: str, weights: list[tuple[int, int]]) -> int | None:
    """Return the id of the visitor's variant: always the same while weights stay.

    ``weights``: pairs (variant id, weight); a variant of weight 0 is never shown.
    """
    total = sum(weight for _id, weight in weights)
    if total <= 0:
        return None
    digest = hashlib.sha256(f"{form}\0{visitor}".encode("utf-8", "replace")).digest()
    point = int.from_bytes(digest[:8]) / 2**64 * total
    for variant_id, weight in weights:
        point -= weight
        if point < 0:
            return variant_id
    return next(i for i, weight in reversed(weights) if weight)


@dataclass(frozen=True, slots=True)
class Arm:
    """How often a variant was shown, and how often that led to a confirmed lead."""

    shown: int
    won: int

    @property
    def rate(self) -> float | None:
        """Return the share of successes; None where nothing was shown."""
        return self.won / self.shown if self.shown else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """``difference`` of rates (arm minus control) with its interval and a verdict.

    ``verdict``: better, worse, no_difference, too_early (the planned number was not
    reached: looking before that finds differences that are none) or not_enough.
    """

    verdict: str
    difference: float | None = None
    low: float | None = None
    high: float | None = None


def wilson(arm: Arm, z: float) -> tuple[float, float]:
    """Return the interval of one rate; never outside 0..1, never of no width."""
    n, p = arm.shown, arm.won / arm.shown
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def compare(control: Arm, arm: Arm, planned: int, others: int = 1) -> Comparison:
    """Return what may be said of ``arm`` against ``control``.

    Newcombe's interval of the difference; with several variants beside the control
    (``others``) the error is shared out among them (Bonferroni). ``planned``: views
    of each variant that were decided on before the start.
    """
    if not (control.shown and arm.shown):
        return Comparison("not_enough")
    z = NormalDist().inv_cdf(1 - ERROR / max(others, 1) / 2)
    difference = arm.rate - control.rate
    (low_c, high_c), (low_a, high_a) = wilson(control, z), wilson(arm, z)
    low = difference - sqrt((arm.rate - low_a) ** 2 + (high_c - control.rate) ** 2)
    high = difference + sqrt((high_a - arm.rate) ** 2 + (control.rate - low_c) ** 2)
    return Comparison(_verdict(control, arm, planned, low, high), difference, low, high)


def _verdict(control, arm, planned, low, high):
    if min(control.shown, arm.shown) < planned:
        return "too_early"
    if control.won + arm.won < FEWEST_SUCCESSES:
        return "not_enough"
    if low > 0:
        return "better"
    return "worse" if high < 0 else "no_difference"
