"""Groups that nobody defined: k-means over what clients do, and why these groups.

A number of groups is taken when each is big enough and the same groups come out of
other samples; among those the best separated wins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LEAST_PEOPLE = 200
SIZES = range(3, 9)
LEAST_SHARE = 0.03
LEAST_STABILITY = 0.8
BOOTSTRAPS = 5
STARTS = 3
FIT_ON = 20_000
JUDGED_ON = 10_000
# Silhouette needs all distances between these.
SILHOUETTE_ON = 5_000
SAID_AT_LEAST = 0.5  # standard deviations that set a group apart in words
MOST_SAID = 2
FARTHEST = 5.0  # scaled; one giant must not be a group of its own


@dataclass(frozen=True, slots=True)
class Scale:
    """Middle and spread of each feature, after the logarithm."""

    middle: tuple[float, ...]
    spread: tuple[float, ...]

    def apply(self, rows):
        """Return rows on one scale."""
        logged = np.log1p(np.maximum(np.asarray(rows, dtype=float), 0))
        scaled = (logged - self.middle) / self.spread
        return np.clip(scaled, -FARTHEST, FARTHEST)


@dataclass(frozen=True, slots=True)
class Trial:
    """One number of groups, and what speaks for and against it."""

    k: int
    silhouette: float
    smallest: float
    stability: float

    @property
    def refusal(self) -> str | None:
        """Return why not, or None."""
        if self.smallest < LEAST_SHARE:
            return "too_small"
        return "unstable" if self.stability < LEAST_STABILITY else None


def scale_of(rows) -> Scale:
    """Return the scale of a sample: median and quartiles, so giants do not rule it."""
    logged = np.log1p(np.maximum(np.asarray(rows, dtype=float), 0))
    low, middle, high = np.quantile(logged, (0.25, 0.5, 0.75), axis=0)
    wide = np.where(high - low > 1e-9, (high - low) / 1.349, logged.std(axis=0))
    spread = np.where(wide > 1e-9, wide, 1.0)
    return Scale(tuple(map(float, middle)), tuple(map(float, spread)))


def choose(points, seed: int = 0) -> tuple[np.ndarray, list[Trial]]:
    """Return the centres of the chosen number of groups, and all trials.

    Where no number passes, the most stable one of those with large enough groups is
    taken, or the most stable at all; the trials say so.
    """
    dice = np.random.default_rng(seed)
    points = _sample(points, FIT_ON, dice)
    judged = _sample(points, JUDGED_ON, dice)
    trials, centres = [], {}
    for k in SIZES:
        centres[k] = _centres(points, k, seed)
        trials.append(_judge(points, judged, centres[k], dice))
    passed = [trial for trial in trials if not trial.refusal]
    if passed:
        best = max(passed, key=lambda trial: trial.silhouette)
    else:
        best = max(trials, key=lambda t: (t.smallest >= LEAST_SHARE, t.stability))
    return centres[best.k], trials


def assign(points, centres):
    """Return the nearest centre of each point."""
    points, centres = np.asarray(points), np.asarray(centres)
    # |p|² is the same for all centres.
    return np.argmin((centres**2).sum(axis=1) - 2 * points @ centres.T, axis=1)


def traits(centres, weights) -> list[list[tuple[int, float]]]:
    """Return how each group lies to the others: (feature, z), the strongest first."""
    centres, weights = np.asarray(centres), np.asarray(weights, dtype=float)
    middle = np.average(centres, axis=0, weights=weights)
    spread = np.sqrt(np.average((centres - middle) ** 2, axis=0, weights=weights))
    z = (centres - middle) / np.where(spread > 1e-9, spread, 1.0)
    return [[(int(n), float(row[n])) for n in np.argsort(-np.abs(row))] for row in z]


def said(found: list) -> list:
    """Return the traits that give a group its name."""
    return [trait for trait in found[:MOST_SAID] if abs(trait[1]) >= SAID_AT_LEAST]


def _centres(points, k, seed):
    from sklearn.cluster import KMeans  # a second that only the weekly run needs

    model = KMeans(k, n_init=STARTS, random_state=seed)
    return model.fit(points).cluster_centers_


def _judge(points, judged, centres, dice):
    from sklearn.metrics import adjusted_rand_score, silhouette_score

    k = len(centres)
    labels = assign(points, centres)
    mine = assign(judged, centres)
    near = _sample(np.arange(len(judged)), SILHOUETTE_ON, dice)
    apart = len(set(mine[near])) > 1
    agreements = []
    for _n in range(BOOTSTRAPS):
        again = points[dice.integers(len(points), size=len(points))]
        other = _centres(again, k, int(dice.integers(2**31)))
        agreements.append(adjusted_rand_score(mine, assign(judged, other)))
    return Trial(
        k,
        float(silhouette_score(judged[near], mine[near])) if apart else 0.0,
        float(np.bincount(labels, minlength=k).min() / len(points)),
        float(np.mean(agreements)),
    )


def _sample(points, most, dice):
    points = np.asarray(points)
    if len(points) <= most:
        return points
    return points[np.sort(dice.choice(len(points), most, replace=False))]
