from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from odoo.addons.veloc_messaging.rules import response_clock as clock

ZONE = "America/Sao_Paulo"
STINTS = tuple(
    clock.Stint(day, begins * 60, ends * 60)
    for day in range(5)
    for begins, ends in ((9, 12), (14, 18))
)
DESK = clock.Hours(ZONE, STINTS)


def at(text, zone=ZONE):
    """Return wall time "2026-03-11 09:00" as naive UTC."""
    wall = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
    return wall.astimezone(UTC).replace(tzinfo=None)


# 2026-03-11 is a Wednesday, 2026-04-03 Good Friday, 2026-04-21 Tiradentes.
@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2026-03-11 10:00", 20, "2026-03-11 10:20"),
        ("2026-03-11 11:50", 20, "2026-03-11 14:10"),  # over lunch
        ("2026-03-11 11:40", 20, "2026-03-11 12:00"),  # ends as lunch begins
        ("2026-03-11 12:30", 20, "2026-03-11 14:20"),  # written at lunch
        ("2026-03-11 17:50", 30, "2026-03-12 09:20"),  # over night
        ("2026-03-11 22:00", 20, "2026-03-12 09:20"),  # written in the evening
        ("2026-03-11 05:00", 20, "2026-03-11 09:20"),  # before work
        ("2026-03-13 17:50", 20, "2026-03-16 09:10"),  # over the weekend
        ("2026-03-14 11:00", 30, "2026-03-16 09:30"),  # written on a Saturday
        ("2026-04-02 17:45", 20, "2026-04-06 09:05"),  # over Good Friday
        ("2026-04-21 10:00", 20, "2026-04-22 09:20"),  # written on a holiday
        ("2026-03-11 09:00", 7 * 60 + 1, "2026-03-12 09:01"),  # more than a day
    ],
)
def test_due_counts_only_minutes_that_somebody_works(start, minutes, due):
    assert clock.due_at(DESK, at(start), minutes) == at(due)


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-03-11 10:00", "2026-03-11 10:20", 20),
        ("2026-03-11 11:50", "2026-03-11 14:10", 20),
        ("2026-03-11 12:10", "2026-03-11 13:50", 0),
        ("2026-03-13 17:00", "2026-03-16 10:00", 120),
        ("2026-04-02 17:00", "2026-04-06 10:00", 120),
        ("2026-03-11 10:20", "2026-03-11 10:00", 0),  # answered before asked
        ("2026-03-09 00:00", "2026-03-16 00:00", 5 * 7 * 60),
    ],
)
def test_minutes_between_leave_out_the_pauses(start, end, minutes):
    assert clock.minutes_between(DESK, at(start), at(end)) == minutes


def test_the_two_directions_agree():
    start = at("2026-03-13 16:17")
    for minutes in (1, 20, 30, 103, 420, 2000, 20_000):
        due = clock.due_at(DESK, start, minutes)
        if due:
            assert clock.minutes_between(DESK, start, due) == minutes


def test_a_wait_longer_than_the_horizon_is_counted_whole():
    start = at("2026-05-04 00:00")
    end = start + timedelta(days=91)  # 13 weeks, one holiday (Corpus Christi is none)
    days = 13 * 5 - sum(
        clock._is_holiday((start + timedelta(days=n)).date(), None)
        and (start + timedelta(days=n)).weekday() < 5
        for n in range(91)
    )
    assert clock.minutes_between(DESK, start, end) == days * 7 * 60


def test_a_local_holiday_closes_its_own_state_only():
    # Revolução Constitucionalista, São Paulo, a Thursday.
    holiday = at("2026-07-09 10:00")
    paulista = clock.Hours(ZONE, STINTS, uf="SP")
    assert clock.due_at(DESK, holiday, 20) == at("2026-07-09 10:20")
    assert clock.due_at(paulista, holiday, 20) == at("2026-07-10 09:20")


def test_a_desk_that_works_on_holidays_says_so():
    desk = clock.Hours(ZONE, STINTS, keeps_holidays=False)
    assert clock.due_at(desk, at("2026-04-21 10:00"), 20) == at("2026-04-21 10:20")


@pytest.mark.parametrize(
    ("out", "back", "due"),
    [
        ("10:05", "10:15", "10:30"),  # inside a stint
        ("08:00", "10:10", "10:30"),  # its beginning
        ("10:10", "13:00", "14:10"),  # its end
        ("08:00", "19:00", None),  # the whole day
    ],
)
def test_a_pause_of_the_desk_is_no_work(out, back, due):
    pause = (at(f"2026-03-11 {out}"), at(f"2026-03-11 {back}"))
    desk = clock.Hours(ZONE, STINTS, closed=(pause,))
    expected = at(f"2026-03-11 {due}") if due else at("2026-03-12 09:20")
    assert clock.due_at(desk, at("2026-03-11 10:00"), 20) == expected


def test_a_zone_that_changes_its_clocks_keeps_wall_hours():
    zone = "America/New_York"  # 02:00 becomes 03:00 on Sunday 2026-03-08
    desk = clock.Hours(zone, STINTS, keeps_holidays=False)
    due = clock.due_at(desk, at("2026-03-06 17:50", zone), 20)
    assert due == at("2026-03-09 09:10", zone)
    assert due == datetime(2026, 3, 9, 13, 10)  # one hour earlier in UTC than before


def test_nobody_working_means_never():
    assert clock.due_at(clock.Hours(ZONE, ()), at("2026-03-11 10:00"), 20) is None
    assert clock.next_closing(clock.Hours(ZONE, ()), at("2026-03-11 10:00")) is None


@pytest.mark.parametrize(
    ("now", "answer"),
    [
        ("2026-03-11 09:00", True),
        ("2026-03-11 11:59", True),
        ("2026-03-11 12:00", False),
        ("2026-03-11 08:59", False),
        ("2026-03-14 10:00", False),
    ],
)
def test_open_includes_the_first_minute_and_not_the_last(now, answer):
    assert clock.is_open(DESK, at(now)) is answer


@pytest.mark.parametrize(
    ("now", "closing"),
    [
        ("2026-03-11 10:00", "2026-03-11 18:00"),  # lunch is no closing
        ("2026-03-11 18:00", "2026-03-12 18:00"),
        ("2026-03-13 19:00", "2026-03-16 18:00"),
        ("2026-04-02 18:00", "2026-04-06 18:00"),
    ],
)
def test_the_working_day_closes_after_its_last_stint(now, closing):
    assert clock.next_closing(DESK, at(now)) == at(closing)


def test_work_until_midnight():
    desk = clock.Hours(ZONE, (clock.Stint(2, 22 * 60, 24 * 60),))
    assert clock.due_at(desk, at("2026-03-11 23:50"), 10) == at("2026-03-12 00:00")
