"""MBG/NBD and Gamma-Gamma against the published figures of the CDNOW sample."""

import csv
from collections import defaultdict
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from odoo.addons.veloc_crm.rules import gamma_gamma, mbg_nbd
from odoo.addons.veloc_crm.rules.gamma_gamma import Value
from odoo.addons.veloc_crm.rules.mbg_nbd import Parameters

ROOT = Path(__file__).parents[3]
HISTORY = ROOT / "addons/veloc_crm/tests/data/cdnow_transactions.csv"
HALF, END = date(1997, 9, 30), date(1998, 6, 30)
# Fader, Hardie and Lee, Marketing Science 24 (2005); Batislam et al., IJRM 24 (2007).
BG = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
MBG = {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}


@pytest.fixture(scope="module")
def customers():
    """Return each customer's days of purchase with their amounts."""
    days = defaultdict(lambda: defaultdict(float))
    with HISTORY.open() as file:
        for row in csv.DictReader(file):
            text = row["date"]
            day = date(int(text[:4]), int(text[4:6]), int(text[6:]))
            days[row["sampleid"]][day] += float(row["sales"])
    return list(days.values())


@pytest.fixture(scope="module")
def half(customers):
    """Return x, t_x and age in weeks of the calibration half."""
    rows = []
    for days in customers:
        known = sorted(day for day in days if day <= HALF)
        first, last = known[0], known[-1]
        weeks = ((last - first).days / 7, (HALF - first).days / 7)
        rows.append((len(known) - 1, *weeks))
    return np.array(rows, dtype=float).T


@pytest.fixture(scope="module")
def fitted(half):
    return {modified: mbg_nbd.fit(*half, modified=modified) for modified in (0, 1)}


@pytest.mark.parametrize(("modified", "published"), [(0, BG), (1, MBG)])
def test_the_calibration_half_gives_the_published_parameters(
    fitted, modified, published
):
    found = fitted[modified]
    assert found.people == 2357
    assert found.converged
    for name, value in published.items():
        assert round(getattr(found.parameters, name), 3) == value


def test_the_log_likelihoods_are_the_published_ones(fitted):
    assert round(fitted[0].log_likelihood, 1) == -9582.4
    assert round(fitted[1].log_likelihood, 1) == -9582.1


def test_the_value_of_a_purchase_has_the_published_parameters(customers):
    rows = []
    for days in customers:
        first = min(days)
        again = [v for day, v in days.items() if first < day <= HALF]
        if again and sum(again) > 0:
            rows.append((len(again), sum(again) / len(again)))
    assert len(rows) == 946
    found = gamma_gamma.fit(*np.array(rows).T)
    assert (round(found.p, 2), round(found.q, 2)) == (6.25, 3.74)
    assert round(found.v, 2) == pytest.approx(15.44, abs=0.011)
    assert gamma_gamma.may_be_used(found, gamma_gamma.correlation(*np.array(rows).T))


def test_who_came_once_is_not_surely_still_here(fitted):
    once = mbg_nbd.p_alive(fitted[1].parameters, [0, 0], [0, 0], [4, 38])
    assert 0 < once[1] < once[0] < 0.75
    plain = mbg_nbd.p_alive(fitted[0].parameters, 0, 0, 38, modified=False)
    assert plain == 1  # what the modification mends


def test_who_came_often_and_falls_silent_is_gone_sooner(fitted):
    chance = mbg_nbd.p_alive(fitted[1].parameters, [2, 20], [10, 10], [30, 30])
    assert chance[1] < 0.05 < chance[0]


def test_the_second_half_comes_out_near_what_was_expected(customers, half, fitted):
    came = sum(HALF < day <= END for days in customers for day in days)
    weeks = (END - HALF).days / 7
    said = mbg_nbd.expected(fitted[1].parameters, *half, weeks).sum()
    assert 0.8 < said / came < 1.1


def test_expectations_add_up_to_those_of_a_simulation():
    truth = Parameters(0.8, 6.0, 0.9, 2.5)
    dice = np.random.default_rng(3)
    age, ahead, people = 30.0, 40.0, 6000
    rows, later = [], []
    for _n in range(people):
        rate, leave = dice.gamma(truth.r, 1 / truth.alpha), dice.beta(truth.a, truth.b)
        now, x, t_x, more = 0.0, 0, 0.0, 0
        while dice.random() >= leave:
            now += dice.exponential(1 / rate)
            if now > age + ahead:
                break
            if now <= age:
                x, t_x = x + 1, now
            else:
                more += 1
        rows.append((x, t_x, age))
        later.append(more)
    said = mbg_nbd.expected(truth, *np.array(rows).T, ahead)
    assert said.sum() == pytest.approx(sum(later), rel=0.06)


def test_years_of_daily_trading_do_not_overflow():
    hard = Parameters(0.2, 0.01, 1.0, 0.5)  # a = 1 is where the formula divides by 0
    chance = mbg_nbd.p_alive(hard, [3000, 0], [700, 0], [701, 700])
    said = mbg_nbd.expected(hard, [3000, 0], [700, 0], [701, 700], 52)
    assert np.isfinite(chance).all()
    assert np.isfinite(said).all()
    assert (said >= 0).all()


def test_where_all_leave_alike_the_fit_ends_and_expects_something():
    dice = np.random.default_rng(9)
    x = dice.poisson(6, 800) * (dice.random(800) < 0.7)
    t_x = np.where(x, dice.uniform(10, 30, 800), 0)
    found = mbg_nbd.fit(x, t_x, np.full(800, 31.0))
    assert found.converged
    said = mbg_nbd.expected(found.parameters, x, t_x, np.full(800, 31.0), 52)
    assert np.isfinite(said).all()


@pytest.mark.parametrize(
    "rows", [([], [], []), ([1], [5], [4]), ([-1], [0], [4]), ([1], [-1], [4])]
)
def test_impossible_histories_are_refused(rows):
    with pytest.raises(ValueError, match="times must"):
        mbg_nbd.fit(*rows)


def test_few_days_are_pulled_to_the_groups_value():
    group = Value(6.25, 3.74, 15.44)
    mean = group.p * group.v / (group.q - 1)
    few, many = gamma_gamma.expected_mean(group, [1, 200], [100, 100])
    assert mean < few < many < 100
    few, many = gamma_gamma.shrunk_mean(30, [1, 200], [100, 100])
    assert 30 < few < many < 100


@pytest.mark.parametrize(
    ("value", "correlation", "holds"),
    [
        (Value(6, 3, 15), 0.1, True),
        (Value(6, 3, 15), -0.5, False),
        (Value(6, 0.9, 15), 0.0, False),
    ],
)
def test_the_value_model_is_used_only_where_it_holds(value, correlation, holds):
    assert gamma_gamma.may_be_used(value, correlation) is holds


def test_a_value_of_nothing_cannot_be_fitted():
    with pytest.raises(ValueError, match="positive"):
        gamma_gamma.fit([1, 2], [0, 5])


def test_people_who_are_all_alike_show_no_correlation():
    assert gamma_gamma.correlation([2, 2], [5, 9]) == 0
    assert gamma_gamma.correlation([2], [5]) == 0
