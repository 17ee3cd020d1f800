"""A client's own rhythm, and what twelve months of them are worth.

Rows are one person each: how many active days, first and last of them, in days.
"""

from __future__ import annotations

import numpy as np

from .mbg_nbd import Parameters

WEEK = 7.0
HORIZON_WEEKS = 52.0
HORIZON_MONTHS = 12.0
MONTH_DAYS = 30.0
# Gaps of the group that are mixed into a client's own.
PRIOR_GAPS = 3.0
SHORTEST_GAP = 1.0
LEAST_PEOPLE = 200
LEAST_REPEATERS = 50
# A channel with fewer clients is judged with everybody.
LEAST_GROUP = 500


def rhythm(active_days, first, last, today):
    """Return (x, t_x, age) in weeks, as MBG/NBD wants them."""
    active_days, first, last = (
        np.asarray(v, float) for v in (active_days, first, last)
    )
    last = np.minimum(last, today)
    age = np.maximum(today - first, 0) / WEEK
    return np.maximum(active_days - 1, 0), np.minimum((last - first) / WEEK, age), age


def usual_gap(active_days, first, last) -> float:
    """Return the mean number of days between two active days of the group."""
    gaps = np.maximum(np.asarray(active_days, float) - 1, 0).sum()
    span = (np.asarray(last, float) - np.asarray(first, float)).sum()
    return float(max(span / gaps, SHORTEST_GAP)) if gaps else MONTH_DAYS


def expected_gap(active_days, first, last, group_gap: float):
    """Return each client's own gap, pulled to the group's where there are few."""
    gaps = np.maximum(np.asarray(active_days, float) - 1, 0)
    span = np.asarray(last, float) - np.asarray(first, float)
    own = (PRIOR_GAPS * group_gap + span) / (PRIOR_GAPS + gaps)
    return np.maximum(own, SHORTEST_GAP)


def overdue(active_days, first, last, today, group_gap: float):
    """Return how many of their own gaps each client has been silent: 1 is as usual."""
    silent = np.maximum(today - np.asarray(last, float), 0)
    return silent / expected_gap(active_days, first, last, group_gap)


def monthly_churn(active_before, active_since) -> float | None:
    """Return the share of clients active in the two months before who fell silent.

    ``active_before`` and ``active_since`` count active days 90 to 31 days ago and in
    the last 30. None without anybody to judge by.
    """
    before = np.asarray(active_before) > 0
    if not before.any():
        return None
    return float((np.asarray(active_since)[before] == 0).mean())


def simple_value(margin_90d, churn: float | None):
    """Return a month's margin times the months a client stays, a year at most."""
    months = HORIZON_MONTHS
    if churn:
        months = min(1 / churn, HORIZON_MONTHS)
    return np.maximum(np.asarray(margin_90d, float), 0) / 3 * months


def lacking(people: int, repeaters: int) -> int:
    """Return how many more clients are needed to fit anything; 0 when enough."""
    return max(LEAST_PEOPLE - people, LEAST_REPEATERS - repeaters, 0)


def parameters(stored: dict) -> Parameters:
    """Return a group's parameters as a card keeps them."""
    return Parameters(stored["r"], stored["alpha"], stored["a"], stored["b"])
