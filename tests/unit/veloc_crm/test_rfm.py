"""RFM: ties are equal, order does not matter, every combination has a name."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_crm.rules import rfm
from odoo.addons.veloc_crm.rules.rfm import Segment

values = st.lists(st.integers(-50, 50), min_size=1, max_size=60)
ALL = (1, 5)


def scores(group):
    steps = rfm.limits(group)
    return [rfm.score(value, steps) for value in group]


@given(values)
def test_equal_people_have_equal_scores(group):
    given_out = {}
    for value, score in zip(group, scores(group), strict=True):
        assert given_out.setdefault(value, score) == score


@given(values, st.randoms())
def test_the_order_in_which_people_come_changes_nothing(group, dice):
    before = dict(zip(group, scores(group), strict=True))
    shuffled = group[:]
    dice.shuffle(shuffled)
    assert dict(zip(shuffled, scores(shuffled), strict=True)) == before


@given(values)
def test_more_is_never_a_lower_score_and_all_lie_between_1_and_5(group):
    ranked = [score for _value, score in sorted(zip(group, scores(group), strict=True))]
    assert ranked == sorted(ranked)
    assert set(ranked) <= {1, 2, 3, 4, 5}


@given(values)
def test_recency_is_the_mirror_of_days(group):
    steps = rfm.limits(group)
    for days in group:
        assert rfm.score_recency(days, steps) == 6 - rfm.score(days, steps)


def test_a_hundred_different_people_are_five_equal_groups():
    found = scores(list(range(100)))
    assert [found.count(step) for step in range(1, 6)] == [20] * 5


def test_three_quarters_with_one_deposit_are_the_lowest_step_together():
    found = scores([1] * 75 + [2] * 15 + [9] * 10)
    assert set(found[:75]) == {1}
    assert found[75] == 4
    assert found[-1] == 5


def test_nobody_has_no_limits():
    assert rfm.limits([]) == []


def test_the_first_segment_that_fits_wins():
    best = Segment(1, (4, 5), (4, 5), ALL)
    rest = Segment(2, ALL, ALL, ALL)
    assert rfm.segment_of(5, 5, 1, [best, rest]) == 1
    assert rfm.segment_of(5, 5, 1, [rest, best]) == 2
    assert rfm.segment_of(3, 5, 1, [best]) is None


def test_what_falls_nowhere_is_named():
    lacking = [Segment(1, (2, 5), ALL, ALL), Segment(2, (1, 1), ALL, (1, 4))]
    assert rfm.uncovered(lacking) == [(1, f, 5) for f in range(1, 6)]
    assert len(rfm.uncovered([])) == 125


def test_a_segment_behind_a_wider_one_is_never_reached():
    wide, narrow = Segment(1, ALL, ALL, ALL), Segment(2, (5, 5), ALL, ALL)
    assert rfm.unreachable([wide, narrow]) == [2]
    assert rfm.unreachable([narrow, wide]) == []


@pytest.mark.parametrize("seed", range(20))
def test_with_a_last_segment_for_all_every_combination_has_one(seed):
    dice = random.Random(seed)
    rules = [Segment(0, ALL, ALL, ALL)]
    for number in range(1, 11):
        ranges = [tuple(sorted(dice.choices(range(1, 6), k=2))) for _n in range(3)]
        rules.insert(0, Segment(number, *ranges))
    assert not rfm.uncovered(rules)
    assert len(rfm.segment_table(rules)) == 125
