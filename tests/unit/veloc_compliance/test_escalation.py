"""The ladder: each level in its time, none twice, all of them after an outage."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_compliance.rules.duty import Shift, on_duty
from odoo.addons.veloc_compliance.rules.escalation import Level, due, next_at

SINCE = datetime(2026, 3, 11, 15, 0)
LADDER = [
    Level(1, {"critical": 0, "warning": 0, "info": 0}),
    Level(2, {"critical": 30, "warning": 240, "info": None}),
    Level(3, {"critical": 60, "warning": 1440, "info": None}),
]


def ids(severity, minutes, told=()):
    now = SINCE + timedelta(minutes=minutes)
    return [level.id for level in due(LADDER, severity, SINCE, now, told)]


def test_the_first_level_is_told_at_once():
    assert ids("critical", 0) == ids("info", 0) == [1]


def test_thirty_minutes_without_an_answer_reach_the_supervisor():
    assert ids("critical", 29.99, told={1}) == []
    assert ids("critical", 30, told={1}) == [2]


def test_then_the_manager():
    assert ids("critical", 59, told={1, 2}) == []
    assert ids("critical", 60, told={1, 2}) == [3]


def test_a_warning_climbs_more_slowly():
    assert ids("warning", 60, told={1}) == []
    assert ids("warning", 240, told={1}) == [2]


def test_a_notice_stays_where_it_is():
    assert ids("info", 10_000, told={1}) == []
    assert next_at(LADDER, "info", SINCE, {1}) is None


def test_after_an_outage_every_level_is_told():
    assert ids("critical", 600) == [1, 2, 3]


def test_the_next_time_is_that_of_the_next_level():
    assert next_at(LADDER, "critical", SINCE, {1}) == SINCE + timedelta(minutes=30)
    assert next_at(LADDER, "critical", SINCE, {1, 2, 3}) is None


@given(
    st.lists(st.integers(0, 5000), min_size=1, max_size=6),
    st.lists(st.integers(0, 6000), min_size=1, max_size=20),
)
def test_however_often_one_looks_each_level_is_told_once(minutes, looks):
    ladder = [Level(id_, {"critical": m}) for id_, m in enumerate(minutes, 1)]
    told = []
    for look in sorted([*looks, 6000]):
        now = SINCE + timedelta(minutes=look)
        news = due(ladder, "critical", SINCE, now, told)
        assert all(minutes[level.id - 1] <= look for level in news)
        told += [level.id for level in news]
    assert sorted(told) == [level.id for level in ladder]
    assert next_at(ladder, "critical", SINCE, told) is None


def test_a_single_watch_ends_when_the_next_begins():
    night = Shift(7, SINCE, SINCE + timedelta(hours=8))
    day = Shift(8, SINCE + timedelta(hours=8), SINCE + timedelta(hours=16))
    assert on_duty([night, day], SINCE + timedelta(hours=7, minutes=59)) == [7]
    assert on_duty([night, day], SINCE + timedelta(hours=8)) == [8]
    assert on_duty([night, day], SINCE - timedelta(minutes=1)) == []


def test_a_weekly_watch_comes_back_until_its_end():
    until = SINCE + timedelta(days=21)
    weekly = Shift(7, SINCE, SINCE + timedelta(hours=8), weekly=True, until=until)
    assert on_duty([weekly], SINCE + timedelta(days=14, hours=3)) == [7]
    assert on_duty([weekly], SINCE + timedelta(days=14, hours=9)) == []
    assert on_duty([weekly], SINCE + timedelta(days=21, hours=3)) == []


def test_who_has_two_watches_is_named_once():
    shift = Shift(7, SINCE, SINCE + timedelta(hours=8))
    assert on_duty([shift, shift], SINCE) == [7]
