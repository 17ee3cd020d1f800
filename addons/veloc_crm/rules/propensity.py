"""What the chances of a deposit are computed from, and what they never see.

Features are days, counts, sums and marks of the person's own doings with the broker.
Results of trading are none: to sell to people because they lose is what we protect
them from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

FIRST, NEXT = "first_deposit", "next_deposit"
KINDS = (FIRST, NEXT)
HORIZON = timedelta(days=30)
# Longer silence is the same silence.
LONGEST_SILENCE = 180
# Words that no feature's name may hold.
FORBIDDEN = (
    "age_of_person",
    "birth",
    "care",
    "complaint",
    "exclu",
    "gender",
    "health",
    "limit",
    "loss",
    "name",
    "race",
    "religion",
    "result",
    "sex",
    "suppress",
)
LEAST_POSITIVES = 200
LEAST_JUDGED = 20
SNAPSHOTS = 6


@dataclass(frozen=True, slots=True)
class Feature:
    """A column of a frame. Amounts and counts count by their order of magnitude."""

    name: str
    unit: str  # days, count, money, mark

    @property
    def is_logged(self) -> bool:
        """A mark is 0 or 1 as it is."""
        return self.unit != "mark"


FEATURES = {
    FIRST: (
        Feature("days_registered", "days"),
        Feature("is_signed_up", "mark"),
        Feature("is_kyc_approved", "mark"),
        Feature("logins_7", "count"),
        Feature("logins_30", "count"),
        Feature("logins_90", "count"),
        Feature("deposit_attempts_30", "count"),
    ),
    NEXT: (
        Feature("days_since_deposit", "days"),
        Feature("days_since_active", "days"),
        Feature("days_a_client", "days"),
        Feature("deposits_30", "count"),
        Feature("deposits_90", "count"),
        Feature("deposited_90", "money"),
        Feature("withdrawals_90", "count"),
        Feature("trades_30", "count"),
        Feature("trades_90", "count"),
        Feature("active_days_30", "count"),
        Feature("active_days_90", "count"),
        Feature("logins_30", "count"),
    ),
}


def names(kind: str) -> tuple[str, ...]:
    """Return the features of a kind, in the order of a frame's columns."""
    return tuple(feature.name for feature in FEATURES[kind])


def design(kind: str, raw):
    """Return the rows that a formula reads, from the plain numbers of a frame."""
    raw = np.array(raw, dtype=float).reshape(-1, len(FEATURES[kind]))
    logged = [feature.is_logged for feature in FEATURES[kind]]
    raw[:, logged] = np.log1p(np.maximum(raw[:, logged], 0))
    return raw


def cutoffs(today: date) -> tuple[list[date], date, date]:
    """Return the days as of which to learn, to calibrate and to judge.

    Later than what was learnt from: a model is judged as it will be used. What came
    in the thirty days after each is known.
    """
    days = [today - n * HORIZON for n in range(1, SNAPSHOTS + 1)]
    return days[2:], days[1], days[0]


def lacking(learnt: int, judged: int) -> int:
    """Return how many more deposits are needed to learn; 0 when there are enough."""
    short = max(LEAST_POSITIVES - learnt, 0)
    return short or (LEAST_JUDGED - judged if judged < LEAST_JUDGED else 0)
