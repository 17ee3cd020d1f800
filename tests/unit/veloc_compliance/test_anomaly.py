"""Unusual reading: against the own past, against the house, and at a strange hour."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_compliance.rules.anomaly import (
    ENOUGH_DAYS,
    FEWEST_READ,
    LONGEST,
    MARGINS,
    Anomaly,
    Profile,
    judge,
    largest_sums,
    merged,
    of_house,
)

OFFICE = frozenset(range(9, 18))
COUNTS = st.dictionaries(st.integers(0, 287), st.integers(0, 500), max_size=60)


def usual(*maxima, hours=OFFICE, days=20):
    return Profile(dict(zip(MARGINS, maxima, strict=True)), hours, days)


ANA = usual(40, 80, 120, 200, 300)


def test_a_harvest_is_found_in_its_first_five_minutes():
    assert judge(ANA, None, {120: 400}, 120, 10) == [Anomaly("volume", 400, 40, 5)]


def test_what_one_always_did_is_no_alarm():
    day = dict.fromkeys(range(108, 132), 15)
    own = Profile(largest_sums(day), OFFICE, 20)
    assert not any(judge(own, None, day, bucket, 10) for bucket in day)


def test_slow_reading_adds_up_over_the_longer_windows():
    slow = dict.fromkeys(range(100, 124), 25)
    (found,) = judge(ANA, None, slow, 123, 10)
    assert (found.kind, found.minutes) == ("volume", 60)


def test_a_list_that_is_usual_in_the_house_is_no_alarm():
    house = usual(300, 600, 900, 1200, 1500)
    assert judge(ANA, house, {120: 390}, 120, 10) == []
    assert judge(ANA, house, {120: 410}, 120, 10)


def test_few_records_are_never_a_harvest():
    beginner = usual(1, 1, 1, 1, 1)
    assert judge(beginner, None, {120: FEWEST_READ - 1}, 120, 10) == []
    assert judge(beginner, None, {120: FEWEST_READ}, 120, 10)


def test_work_at_an_hour_next_to_the_usual_ones_is_no_alarm():
    assert judge(ANA, None, {96: 10}, 96, 8) == []
    assert judge(ANA, None, {216: 10}, 216, 18) == []


def test_work_in_the_night_is_an_alarm_at_once():
    assert judge(ANA, None, {36: 10}, 36, 3) == [Anomaly("hour", 10, 0, 15)]


def test_one_look_in_the_night_is_not():
    assert judge(ANA, None, {36: 2}, 36, 3) == []


def test_the_hours_go_round_midnight():
    night_shift = usual(40, 80, 120, 200, 300, hours=frozenset({22, 23}))
    assert judge(night_shift, None, {1: 20}, 1, 0) == []


def test_a_newcomer_is_measured_by_the_house():
    newcomer = Profile({}, frozenset(), 1)
    assert judge(newcomer, ANA, {120: 45}, 120, 10) == []
    assert judge(newcomer, ANA, {120: 400}, 120, 10)


def test_without_any_past_nothing_is_concluded():
    newcomer = Profile({}, frozenset(), 1)
    assert judge(newcomer, None, {120: 400}, 120, 3) == []


def test_the_house_is_the_middle_of_those_who_are_known():
    one, two, three = (usual(n, n, n, n, n, hours=frozenset({n})) for n in (9, 10, 17))
    stranger = usual(900, 900, 900, 900, 900, days=ENOUGH_DAYS - 1)
    house = of_house([one, two, three, stranger])
    assert set(house.maxima.values()) == {10}
    assert house.hours == {9, 10, 17}
    assert of_house([stranger]) is None


@given(COUNTS)
def test_a_longer_window_never_holds_less(counts):
    sums = list(largest_sums(counts).values())
    assert sums == sorted(sums)


@given(COUNTS, st.integers(0, 287), st.integers(1, 400))
def test_reading_more_never_makes_an_alarm_vanish(counts, bucket, more):
    before = judge(ANA, None, counts, bucket, 10)
    after = judge(
        ANA, None, {**counts, bucket: counts.get(bucket, 0) + more}, bucket, 10
    )
    assert bool(after) >= bool(before)


@given(COUNTS, st.integers(LONGEST, 287))
def test_the_past_itself_never_raises_an_alarm(counts, bucket):
    own = Profile(largest_sums(counts), frozenset(range(24)), ENOUGH_DAYS)
    if bucket in counts:
        assert judge(own, None, counts, bucket, 0) == []


@pytest.mark.parametrize("width", MARGINS)
def test_the_parts_of_a_past_make_one(width):
    days = [largest_sums({7: 3}), largest_sums({8: 5}), largest_sums({9: 4})]
    whole = merged(Profile(day, frozenset({at}), 1) for at, day in enumerate(days))
    assert whole.maxima[width] == 5
    assert (whole.hours, whole.days) == ({0, 1, 2}, 3)
