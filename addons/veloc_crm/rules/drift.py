"""Are today's people still those the model learnt from? Population stability index.

The usual reading: below 0.1 alike, from 0.25 on another population.
"""

from __future__ import annotations

import numpy as np

WORRYING = 0.25
BINS = 10
# An empty bin on one side must not be an infinite difference.
LEAST_SHARE = 1e-4


def profile(values) -> dict:
    """Return limits and shares of tenths of these values, as a card keeps them."""
    values = np.asarray(values, dtype=float)
    edges = np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1]))
    return {"edges": edges.tolist(), "shares": _shares(values, edges)}


def index(before: dict, values) -> float:
    """Return how far the values have moved away from a stored profile."""
    old = np.maximum(before["shares"], LEAST_SHARE)
    new = np.maximum(_shares(values, before["edges"]), LEAST_SHARE)
    return float(((new - old) * np.log(new / old)).sum())


def _shares(values, edges):
    """Return the share of each bin; who equals a limit is below it."""
    values = np.asarray(values, dtype=float)
    counts = np.bincount(
        np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1
    )
    return (counts / max(len(values), 1)).tolist()


def is_miscalibrated(expected: float, observed: float, people: int) -> bool:
    """Return whether what was said and what came differ by more than chance."""
    noise = np.sqrt(max(expected * (1 - expected), LEAST_SHARE) / max(people, 1))
    difference = abs(expected - observed)
    # Four standard errors, and big enough for anybody to care.
    return bool(difference > 4 * noise and difference > 0.2 * max(expected, 0.01))
