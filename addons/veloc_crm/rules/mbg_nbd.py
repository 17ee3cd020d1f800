"""How likely a client is still with us, and how often they will come back.

BG/NBD (Fader, Hardie and Lee 2005) and its modification MBG/NBD (Batislam, Denizel and
Filiztekin 2007), in which a client may also leave after the very first time: BG/NBD
says of everybody who came once that they are surely still here. ``x`` is the number
of times after the first, ``t_x`` when the last was and ``age`` the time since the
first, all in one unit (weeks).
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, expit, gammaln, hyp2f1

LEAST = 1e-6  # of a parameter
# Where everybody leaves alike, a and b grow together without an end or an effect.
MOST = 1e3
# At a = 1 the expectation is a limit that the formula divides by zero for.
AWAY_FROM_ONE = 1e-7


@dataclass(frozen=True, slots=True)
class Parameters:
    """Of the group: how often they come (r, alpha) and how they leave (a, b)."""

    r: float
    alpha: float
    a: float
    b: float


@dataclass(frozen=True, slots=True)
class Fit:
    """What was estimated, from how many, and whether it may be believed."""

    parameters: Parameters
    log_likelihood: float
    people: int
    converged: bool


def fit(x, t_x, age, *, modified: bool = True) -> Fit:
    """Return the parameters under which what these people did is likeliest.

    People alike are counted once with their number: a million are some 50,000 cells.
    """
    cells, weights = np.unique(
        np.column_stack([x, t_x, age]).astype(float), axis=0, return_counts=True
    )
    if not len(cells) or (cells[:, 1] > cells[:, 2]).any() or (cells < 0).any():
        raise ValueError("times must be positive, and the last within the age")
    columns = tuple(cells.T)
    scale = max(float(columns[2].max()), LEAST)  # keeps the search well-conditioned

    def loss(logs):
        r, alpha, a, b = _within(logs)
        guess = Parameters(r, alpha * scale, a, b)
        likely = log_likelihood(guess, *columns, modified=modified)
        return -float(weights @ likely) / weights.sum()

    options = {"maxiter": 4000, "xatol": 1e-6, "fatol": 1e-12}
    start = np.log([0.5, 0.1, 1, 2])
    best = minimize(loss, start, method="Nelder-Mead", options=options)
    r, alpha, a, b = map(float, _within(best.x))
    return Fit(
        Parameters(r, alpha * scale, a, b),
        -float(best.fun) * int(weights.sum()),
        int(weights.sum()),
        bool(best.success and np.isfinite(best.fun)),
    )


def log_likelihood(parameters: Parameters, x, t_x, age, *, modified=True):
    """Return the log-likelihood of each person."""
    r, alpha, a, b = astuple(parameters)
    chances = x + 1 if modified else x  # to leave
    coming = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    leaving = betaln(a, b + chances) - betaln(a, b)
    return (
        coming
        + leaving
        - (r + x) * np.log(alpha + age)
        + np.logaddexp(0, _log_odds_gone(parameters, x, t_x, age, modified))
    )


def p_alive(parameters: Parameters, x, t_x, age, *, modified=True):
    """Return how likely each person has not left yet."""
    x, t_x, age = (np.asarray(values, dtype=float) for values in (x, t_x, age))
    return expit(-_log_odds_gone(parameters, x, t_x, age, modified))


def expected(parameters: Parameters, x, t_x, age, ahead: float, *, modified=True):
    """Return how many times each person will come within ``ahead`` from now."""
    x, t_x, age = (np.asarray(values, dtype=float) for values in (x, t_x, age))
    r, alpha, a, b = astuple(parameters)
    a = a + AWAY_FROM_ONE if abs(a - 1) < AWAY_FROM_ONE else a
    chances = x + 1 if modified else x
    # Euler's transformation of the published form: it does not overflow for large x.
    left = (alpha + age) / (alpha + age + ahead)
    series = hyp2f1(a + b + chances - 1 - r - x, a - 1, a + b + chances - 1, 1 - left)
    times = (a + b + chances - 1) / (a - 1) * (1 - left ** (a - 1) * series)
    return np.maximum(times, 0) * p_alive(parameters, x, t_x, age, modified=modified)


def _within(logs):
    return np.exp(np.clip(logs, np.log(LEAST), np.log(MOST)))


def _log_odds_gone(parameters, x, t_x, age, modified):
    """Return the log odds that somebody has left: minus infinity is surely not."""
    r, alpha, a, b = astuple(parameters)
    silence = (r + x) * (np.log(alpha + age) - np.log(alpha + t_x))
    if modified:
        return np.log(a) - np.log(b + x) + silence
    # Who came once cannot have left: the one thing that MBG/NBD mends.
    repeated = x > 0
    before = np.log(b + np.where(repeated, x, 1) - 1)
    return np.where(repeated, np.log(a) - before + silence, -np.inf)
