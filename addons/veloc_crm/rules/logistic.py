"""A chance from a few plain numbers: logistic regression, kept as a table of numbers.

Nothing is pickled: what is stored is what a person can read, and scoring is a sum.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

SHRINKAGE = 1.0  # L2, of standardised features
SPREAD_AT_LEAST = 1e-9
FARTHEST = 20.0  # of an intercept's correction, in log odds


@dataclass(frozen=True, slots=True)
class Formula:
    """Features with their usual values, their weights, and the intercept."""

    features: tuple[str, ...]
    mean: tuple[float, ...]
    sd: tuple[float, ...]
    coef: tuple[float, ...]
    intercept: float

    def to_json(self) -> dict:
        """Return what is stored."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict) -> Formula:
        """Return the formula that was stored."""
        lists = {name: tuple(stored[name]) for name in ("features", *NUMBERS)}
        return cls(**lists, intercept=stored["intercept"])


NUMBERS = ("mean", "sd", "coef")


def fit(features, rows, outcome) -> Formula:
    """Return the formula that explains ``outcome`` (0 or 1) best."""
    # Half a second and 60 MB that only the weekly training needs.
    from sklearn.linear_model import LogisticRegression

    rows, outcome = np.asarray(rows, dtype=float), np.asarray(outcome)
    mean, sd = rows.mean(axis=0), rows.std(axis=0)
    # A feature that is the same for everybody says nothing.
    sd = np.where(sd > SPREAD_AT_LEAST, sd, 1.0)
    model = LogisticRegression(C=1 / SHRINKAGE, max_iter=500)
    model.fit((rows - mean) / sd, outcome)
    return Formula(
        tuple(features),
        tuple(map(float, mean)),
        tuple(map(float, sd)),
        tuple(map(float, model.coef_[0])),
        float(model.intercept_[0]),
    )


def chances(formula: Formula, rows):
    """Return the chance of each row."""
    return expit(formula.intercept + contributions(formula, rows).sum(axis=1))


def contributions(formula: Formula, rows):
    """Return how much each feature adds to each row's log odds, beside the usual."""
    rows = np.asarray(rows, dtype=float).reshape(-1, len(formula.features))
    return (rows - formula.mean) / formula.sd * formula.coef


def recalibrated(formula: Formula, rows, outcome) -> Formula:
    """Return it with the intercept under which the mean chance is the true share.

    Order and weights stay; seasons and prices move everybody alike.
    """
    share = float(np.mean(outcome))
    if not 0 < share < 1:
        return formula
    sums = contributions(formula, rows).sum(axis=1) + formula.intercept
    shift = brentq(
        lambda move: float(expit(sums + move).mean()) - share, -FARTHEST, FARTHEST
    )
    return replace(formula, intercept=formula.intercept + float(shift))


def top_reasons(formula: Formula, row, most: int = 3) -> list[tuple[str, float]]:
    """Return the features that move this row's chance most, the strongest first."""
    parts = contributions(formula, [row])[0]
    ranked = sorted(zip(formula.features, parts, strict=True), key=lambda p: -abs(p[1]))
    return [(name, float(part)) for name, part in ranked[:most] if part]
