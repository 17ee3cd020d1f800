"""What one active day of a client is worth (Gamma-Gamma, Fader and Hardie 2013)."""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln

# The model says nothing about people whose value depends on how often they come.
MOST_CORRELATION = 0.3
# Days of the group's mean that are mixed into a client's own, where it does not hold.
PRIOR_DAYS = 3.0
# A mean over the group needs q > 1 to exist.
LEAST_Q = 1.0


@dataclass(frozen=True, slots=True)
class Value:
    """How the value of a day is spread over and within people (p, q, v)."""

    p: float
    q: float
    v: float


def fit(days, mean) -> Value:
    """Return the parameters for people with ``days`` of that ``mean`` value (> 0)."""
    days, mean = np.asarray(days, dtype=float), np.asarray(mean, dtype=float)
    if not len(days) or (days <= 0).any() or (mean <= 0).any():
        raise ValueError("days and values must be positive")
    scale = float(mean.mean())

    def loss(logs):
        p, q, v = np.exp(np.clip(logs, -12, 12))
        return -float(log_likelihood(Value(p, q, v), days, mean / scale).mean())

    options = {"maxiter": 4000, "xatol": 1e-7, "fatol": 1e-12}
    found = minimize(loss, [1.0, 1.0, 0.5], method="Nelder-Mead", options=options)
    p, q, v = map(float, np.exp(found.x))
    return Value(p, q, v * scale)


def log_likelihood(value: Value, days, mean):
    """Return the log-likelihood of each person's mean."""
    p, q, v = astuple(value)
    return (
        gammaln(p * days + q)
        - gammaln(p * days)
        - gammaln(q)
        + q * np.log(v)
        + (p * days - 1) * np.log(mean)
        + p * days * np.log(days)
        - (p * days + q) * np.log(days * mean + v)
    )


def expected_mean(value: Value, days, mean):
    """Return the value of a day to come: own experience, pulled to the group's."""
    days, mean = np.asarray(days, dtype=float), np.asarray(mean, dtype=float)
    p, q, v = astuple(value)
    return p * (v + days * mean) / (p * days + q - 1)


def shrunk_mean(group_mean: float, days, mean):
    """Return the plain alternative: own mean with a few days of the group's."""
    days, mean = np.asarray(days, dtype=float), np.asarray(mean, dtype=float)
    return (PRIOR_DAYS * group_mean + days * mean) / (PRIOR_DAYS + days)


def correlation(days, mean) -> float:
    """Return how much the value of a day goes with the number of days."""
    days, mean = np.asarray(days, dtype=float), np.asarray(mean, dtype=float)
    if len(days) < 2 or not days.std() or not mean.std():
        return 0.0
    return float(np.corrcoef(days, mean)[0, 1])


def may_be_used(value: Value, found: float) -> bool:
    """Return whether its assumptions hold for this group."""
    return abs(found) <= MOST_CORRELATION and value.q > LEAST_Q
