"""Chances, their calibration and drift, clusters and rhythms: the thinking."""

import json
from datetime import date

import numpy as np
import pytest

from odoo.addons.veloc_crm.rules import (
    calibration,
    clusters,
    drift,
    lifetime,
    logistic,
    propensity,
)

DICE = np.random.default_rng(5)
TRUTH = np.array([1.5, -1.0, 0.0])


@pytest.fixture(scope="module")
def sample():
    rows = DICE.normal(size=(6000, 3)) * [1, 2, 3] + [0, 5, -1]
    odds = ((rows - [0, 5, -1]) / [1, 2, 3]) @ TRUTH - 1
    outcome = DICE.random(6000) < 1 / (1 + np.exp(-odds))
    return rows, outcome.astype(int)


@pytest.fixture(scope="module")
def formula(sample):
    rows, outcome = sample
    return logistic.fit(("a", "b", "c"), rows, outcome)


# === CHANCES === #


def test_the_weights_are_those_that_made_the_data(formula):
    assert np.allclose(formula.coef, TRUTH, atol=0.1)
    assert formula.intercept == pytest.approx(-1, abs=0.1)


def test_what_is_stored_is_plain_json_and_says_the_same(formula, sample):
    again = logistic.Formula.from_json(json.loads(json.dumps(formula.to_json())))
    assert again == formula
    rows, _outcome = sample
    assert (logistic.chances(again, rows) == logistic.chances(formula, rows)).all()


def test_the_parts_of_a_chance_add_up_to_it(formula, sample):
    rows, _outcome = sample
    odds = logistic.contributions(formula, rows).sum(axis=1) + formula.intercept
    assert np.allclose(1 / (1 + np.exp(-odds)), logistic.chances(formula, rows))


def test_the_strongest_reason_comes_first_with_its_direction(formula):
    usual = list(formula.mean)
    row = [usual[0], usual[1] + 3 * formula.sd[1], usual[2]]
    ((name, part), *_rest) = logistic.top_reasons(formula, row)
    assert name == "b"
    assert part < 0
    assert logistic.top_reasons(formula, usual) == []


def test_recalibration_makes_the_mean_right_and_keeps_the_order(formula, sample):
    rows, outcome = sample
    rare = outcome & (DICE.random(len(outcome)) < 0.3)
    moved = logistic.recalibrated(formula, rows, rare)
    said = logistic.chances(moved, rows)
    assert said.mean() == pytest.approx(rare.mean(), abs=1e-6)
    before = logistic.chances(formula, rows)
    assert (np.argsort(said) == np.argsort(before)).all()
    assert moved.coef == formula.coef


def test_recalibration_to_nobody_or_everybody_changes_nothing(formula, sample):
    rows, outcome = sample
    assert logistic.recalibrated(formula, rows, outcome * 0) == formula
    assert logistic.recalibrated(formula, rows, outcome * 0 + 1) == formula


def test_a_feature_that_is_the_same_for_all_does_no_harm():
    rows = np.column_stack([np.ones(400), DICE.normal(size=400)])
    outcome = (rows[:, 1] > 0).astype(int)
    assert np.isfinite(logistic.fit(("same", "x"), rows, outcome).coef).all()


# === MEASURES === #


def test_a_good_model_is_better_than_the_mean_and_lifts(formula, sample):
    rows, outcome = sample
    told = calibration.measure(outcome, logistic.chances(formula, rows))
    assert told["auc"] > 0.8
    assert told["lift"] > 2
    assert calibration.is_useful(told)
    assert sum(group["people"] for group in told["deciles"]) == 6000
    expected = [group["expected"] for group in told["deciles"]]
    assert expected == sorted(expected)
    for group in told["deciles"]:
        assert group["expected"] == pytest.approx(group["observed"], abs=0.06)
    json.dumps(told)


def test_noise_is_not_useful(sample):
    _rows, outcome = sample
    told = calibration.measure(outcome, DICE.random(len(outcome)))
    assert not calibration.is_useful(told)


def test_without_both_outcomes_there_is_no_measure():
    told = calibration.measure(np.zeros(50), np.full(50, 0.1))
    assert told["auc"] is None
    assert not calibration.is_useful(told)
    assert not calibration.is_better(told, told)
    assert calibration.measure([], [])["people"] == 0


@pytest.mark.parametrize(
    ("candidate", "live", "better"),
    [(0.10, 0.12, True), (0.1199, 0.12, False), (0.12, 0.10, False)],
)
def test_a_little_better_is_not_better(candidate, live, better):
    told = calibration.is_better({"brier": candidate}, {"brier": live})
    assert told is better


# === DRIFT === #


def test_the_same_people_have_not_drifted():
    profile = drift.profile(DICE.normal(size=5000))
    assert drift.index(profile, DICE.normal(size=5000)) < 0.02
    json.dumps(profile)


def test_other_people_have():
    profile = drift.profile(DICE.normal(size=5000))
    assert drift.index(profile, DICE.normal(loc=1, size=5000)) > drift.WORRYING


def test_a_mark_that_is_mostly_zero_can_be_watched():
    profile = drift.profile([0] * 95 + [1] * 5)
    assert drift.index(profile, [0] * 950 + [1] * 50) < 0.01
    assert drift.index(profile, [0] * 50 + [1] * 50) > drift.WORRYING


@pytest.mark.parametrize(
    ("expected", "observed", "people", "off"),
    [
        (0.10, 0.10, 10_000, False),
        (0.10, 0.11, 10_000, False),  # certain, but too small for anybody to care
        (0.10, 0.20, 10_000, True),
        (0.10, 0.20, 40, False),  # so few may differ by chance
        (0.0, 0.0, 0, False),
    ],
)
def test_calibration_is_off_only_beyond_chance(expected, observed, people, off):
    assert drift.is_miscalibrated(expected, observed, people) is off


# === WHAT A CHANCE IS COMPUTED FROM === #


def test_no_feature_is_about_what_protects_a_person():
    for kind in propensity.KINDS:
        for name in propensity.names(kind):
            assert not [word for word in propensity.FORBIDDEN if word in name], name


def test_amounts_count_by_their_order_and_marks_as_they_are():
    row = propensity.design(propensity.FIRST, [np.e - 1, 1, 0, -5, 0, 0, 0])[0]
    assert row.tolist() == pytest.approx([1, 1, 0, 0, 0, 0, 0])


def test_a_model_is_judged_later_than_it_learnt():
    learn, tune, judge = propensity.cutoffs(date(2026, 11, 22))
    assert max(learn) < tune < judge
    assert judge + propensity.HORIZON == date(2026, 11, 22)
    assert len(learn) == 4


@pytest.mark.parametrize(
    ("learnt", "judged", "lacking"), [(200, 20, 0), (150, 20, 50), (900, 5, 15)]
)
def test_how_many_more_deposits_are_needed_is_said(learnt, judged, lacking):
    assert propensity.lacking(learnt, judged) == lacking


# === CLUSTERS === #


@pytest.fixture(scope="module")
def crowd():
    middles = [[1, 3, 8], [60, 1, 2], [5, 6, 3]]
    parts = [
        np.expm1(np.abs(DICE.normal(m, 0.15, size=(400, 3)))) for m in np.log1p(middles)
    ]
    return np.concatenate(parts)


def test_three_groups_are_found_and_the_reasons_kept(crowd):
    points = clusters.scale_of(crowd).apply(crowd)
    centres, trials = clusters.choose(points)
    assert len(centres) == 3
    assert [trial.k for trial in trials] == list(clusters.SIZES)
    best = trials[0]
    assert best.refusal is None
    assert best.stability > 0.95
    labels = clusters.assign(points, centres)
    sizes = np.bincount(labels)
    assert sorted(sizes.tolist()) == [400, 400, 400]


def test_the_same_people_give_the_same_groups_each_time(crowd):
    points = clusters.scale_of(crowd).apply(crowd)
    first, _trials = clusters.choose(points)
    again, _trials = clusters.choose(points)
    assert np.allclose(first, again)


def test_a_point_belongs_to_the_nearest_centre():
    centres = [[0, 0], [10, 10]]
    assert clusters.assign([[1, 2], [9, 7]], centres).tolist() == [0, 1]


def test_one_giant_does_not_stretch_the_scale():
    rows = np.concatenate([DICE.lognormal(2, 1, size=(500, 1)), [[1e12]]])
    points = clusters.scale_of(rows).apply(rows)
    assert abs(points).max() <= clusters.FARTHEST


def test_a_feature_that_nobody_has_does_no_harm():
    rows = np.column_stack([np.zeros(50), DICE.lognormal(size=50)])
    assert np.isfinite(clusters.scale_of(rows).apply(rows)).all()


def test_a_group_is_named_by_what_sets_it_apart():
    found = clusters.traits([[0, 5], [0, 0], [0, 0.1]], [10, 10, 10])
    assert found[0][0][0] == 1
    assert found[0][0][1] > 1
    assert clusters.said(found[0]) == found[0][:1]


@pytest.mark.parametrize(
    ("smallest", "stability", "refusal"),
    [(0.2, 0.9, None), (0.01, 0.9, "too_small"), (0.2, 0.5, "unstable")],
)
def test_small_or_shaky_groups_are_refused(smallest, stability, refusal):
    assert clusters.Trial(3, 0.5, smallest, stability).refusal == refusal


# === RHYTHM AND VALUE === #


def test_weeks_since_first_and_last_time():
    x, t_x, age = lifetime.rhythm([3, 1], [-70, -7], [-14, -7], 0)
    assert x.tolist() == [2, 0]
    assert t_x.tolist() == [8, 0]
    assert age.tolist() == [10, 1]


def test_a_monthly_client_is_not_overdue_where_a_daily_one_is():
    silent = lifetime.overdue([12, 60], [-365, -75], [-15, -15], 0, 10)
    assert silent[0] < 1 < silent[1]


def test_who_came_once_is_expected_after_the_groups_gap():
    assert lifetime.expected_gap([1], [-5], [-5], 12)[0] == 12
    assert lifetime.usual_gap([1, 1], [-5, -9], [-5, -9]) == lifetime.MONTH_DAYS
    assert lifetime.usual_gap([3], [-30], [-10]) == 10


def test_monthly_churn_is_the_share_that_fell_silent():
    assert lifetime.monthly_churn([4, 2, 1, 0], [1, 0, 3, 9]) == pytest.approx(1 / 3)
    assert lifetime.monthly_churn([0], [5]) is None


@pytest.mark.parametrize(
    ("margin", "churn", "value"),
    [
        (300, 0.5, 200),
        (300, 0.01, 1200),
        (300, None, 1200),
        (-50, 0.5, 0),
        (300, 0, 1200),
    ],
)
def test_the_simple_value_is_a_month_times_the_months(margin, churn, value):
    assert lifetime.simple_value(margin, churn) == pytest.approx(value)


def test_few_clients_or_few_who_came_back_fit_nothing():
    assert lifetime.lacking(150, 60) == 50
    assert lifetime.lacking(500, 20) == 30
    assert lifetime.lacking(500, 60) == 0
