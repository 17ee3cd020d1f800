from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from odoo.addons.veloc_compliance.rules.contact_hours import (
    HORIZON_DAYS,
    HourRow,
    HourTable,
    Window,
    is_holiday,
    next_open,
)

SP = "America/Sao_Paulo"
SHOP = Window(0, 5, 9 * 60, 21 * 60)  # Monday to Saturday, 9:00 to 21:00
DAILY = Window(0, 6, 8 * 60, 21 * 60, on_holidays=True)
OFFICE = Window(0, 4, 9 * 60, 18 * 60)


def utc(text, zone=SP):
    """Return a wall time of the zone as naive UTC."""
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC).replace(tzinfo=None)


def opening(now, *windows, zone=SP, uf="SP", country="BR"):
    return next_open(windows, zone, uf, now, country)


# 2026-03-11 is a Wednesday; 2026-03-14 a Saturday; 2026-03-15 a Sunday.
@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-11 12:00", "2026-03-11 12:00"),
        ("2026-03-11 09:00", "2026-03-11 09:00"),  # the first minute is open
        ("2026-03-11 20:59:59", "2026-03-11 20:59:59"),
        ("2026-03-11 21:00", "2026-03-12 09:00"),  # the closing minute is not
        ("2026-03-11 08:59:59", "2026-03-11 09:00"),
        ("2026-03-11 00:00", "2026-03-11 09:00"),
        ("2026-03-11 23:59", "2026-03-12 09:00"),
        ("2026-03-14 20:00", "2026-03-14 20:00"),
        ("2026-03-14 21:30", "2026-03-16 09:00"),  # over Sunday
        ("2026-03-15 12:00", "2026-03-16 09:00"),
    ],
)
def test_the_next_opening_of_a_shop_week(now, expected):
    assert opening(utc(now), SHOP) == utc(expected)


@pytest.mark.parametrize(
    ("day", "uf", "expected"),
    [
        (date(2026, 1, 1), "SP", True),
        (date(2026, 4, 21), "SP", True),  # Tiradentes
        (date(2026, 9, 7), None, True),
        (date(2026, 7, 9), "SP", True),  # a holiday of São Paulo alone
        (date(2026, 7, 9), "RJ", False),
        (date(2026, 7, 9), None, False),
        (date(2026, 4, 23), "RJ", True),  # Saint George, Rio alone
        (date(2026, 4, 23), "SP", False),
        (date(2026, 3, 11), "SP", False),
        (date(2026, 11, 20), "SP", True),  # national since 2024
        (date(2031, 12, 25), "AC", True),
    ],
)
def test_holidays_are_those_of_the_country_and_the_state(day, uf, expected):
    assert is_holiday(day, uf) is expected


def test_a_state_the_calendar_does_not_know_has_the_national_holidays():
    assert is_holiday(date(2026, 1, 1), "ZZ")


def test_other_countries_have_their_own_holidays():
    assert is_holiday(date(2026, 6, 10), None, "PT")
    assert not is_holiday(date(2026, 9, 7), None, "PT")


def test_a_country_without_calendar_has_no_holidays():
    assert not is_holiday(date(2026, 1, 1), None, "XX")


def test_promotion_waits_for_the_end_of_a_holiday():
    assert opening(utc("2026-04-21 10:00"), SHOP) == utc("2026-04-22 09:00")


def test_a_window_for_holidays_stays_open():
    assert opening(utc("2026-04-21 10:00"), DAILY) == utc("2026-04-21 10:00")


def test_a_holiday_of_one_state_says_nothing_about_another():
    now = utc("2026-07-09 10:00")
    assert opening(now, SHOP, uf="RJ") == now
    assert opening(now, SHOP, uf="SP") == utc("2026-07-10 09:00")


def test_hours_are_those_of_the_persons_wall():
    # 21:30 in São Paulo is 19:30 in Rio Branco, where the window is open.
    now = utc("2026-03-11 21:30")
    assert opening(now, SHOP, zone="America/Rio_Branco", uf="AC") == now
    assert opening(now, SHOP) == utc("2026-03-12 09:00")


def test_days_are_those_of_the_persons_wall():
    # Monday 01:00 in Lisbon is still Sunday in São Paulo.
    now = utc("2026-03-16 01:00", "Europe/Lisbon")
    assert opening(now, SHOP) == utc("2026-03-16 09:00")


def test_the_opening_is_at_nine_on_the_day_the_clock_jumps():
    # New York loses an hour on 8 March 2026 (a Sunday).
    zone = "America/New_York"
    now = utc("2026-03-07 22:00", zone)
    assert opening(now, DAILY, zone=zone, uf=None, country="US") == utc(
        "2026-03-08 08:00", zone
    )


def test_an_opening_inside_the_lost_hour_is_still_found():
    zone = "America/New_York"
    night = Window(0, 6, 2 * 60 + 30, 4 * 60, on_holidays=True)
    now = utc("2026-03-08 00:00", zone)
    found = opening(now, night, zone=zone, uf=None, country="US")
    assert now < found < utc("2026-03-08 04:00", zone)


def test_the_earliest_of_several_windows_opens():
    morning, evening = Window(0, 4, 480, 720), Window(0, 4, 1080, 1200)
    assert opening(utc("2026-03-11 07:00"), morning, evening) == utc("2026-03-11 08:00")
    assert opening(utc("2026-03-11 13:00"), morning, evening) == utc("2026-03-11 18:00")
    assert opening(utc("2026-03-11 21:00"), morning, evening) == utc("2026-03-12 08:00")


def test_a_window_may_run_to_midnight():
    late = Window(0, 6, 20 * 60, 24 * 60, on_holidays=True)
    now = utc("2026-03-11 23:59:59")
    assert opening(now, late) == now
    assert opening(utc("2026-03-12 00:00"), late) == utc("2026-03-12 20:00")


def test_without_windows_there_is_no_opening():
    assert opening(utc("2026-03-11 12:00")) is None


def test_a_window_that_never_comes_is_not_searched_for_ever():
    never = Window(5, 3, 540, 600)
    assert opening(utc("2026-03-11 12:00"), never) is None


@pytest.mark.parametrize("window", [SHOP, OFFICE, DAILY])
@pytest.mark.parametrize("zone", [SP, "America/Rio_Branco", "Europe/Lisbon"])
def test_every_half_hour_of_a_year_end_keeps_the_promise(window, zone):
    """The answer is never early, always inside a window, and the first such."""
    tz = ZoneInfo(zone)
    now = datetime(2026, 12, 23)
    for _half in range(2 * 24 * 6):
        now += timedelta(minutes=30)
        found = opening(now, window, zone=zone, uf="SP")
        assert now <= found <= now + timedelta(days=HORIZON_DAYS)
        local = found.replace(tzinfo=UTC).astimezone(tz)
        minutes = local.hour * 60 + local.minute
        assert window.opens <= minutes < window.closes
        assert window.covers(local.date(), is_holiday(local.date(), "SP"))
        # A later answer than now is an opening: nothing was skipped in between.
        assert found == now or minutes == window.opens


ROWS = [
    HourRow(None, "call", OFFICE),
    HourRow("RJ", "call", Window(0, 4, 480, 1080)),
    HourRow(None, "sms", Window(0, 4, 1080, 1200)),
    HourRow(None, "sms", Window(0, 4, 480, 720)),
]


def test_a_state_without_lines_has_the_countrys():
    assert HourTable(ROWS).windows("call", "SP") == (OFFICE,)
    assert HourTable(ROWS).windows("call", None) == (OFFICE,)


def test_the_lines_of_a_state_replace_the_countrys():
    assert HourTable(ROWS).windows("call", "RJ") == (Window(0, 4, 480, 1080),)


def test_lines_of_one_channel_say_nothing_about_another():
    assert HourTable(ROWS).windows("email", "RJ") == ()


def test_a_states_call_hours_leave_its_sms_hours_alone():
    assert len(HourTable(ROWS).windows("sms", "RJ")) == 2


def test_windows_come_sorted_by_opening():
    opens = [window.opens for window in HourTable(ROWS).windows("sms", "SP")]
    assert opens == [480, 1080]


def test_rio_may_be_called_at_half_past_eight_and_minas_not():
    table, now = HourTable(ROWS), utc("2026-03-11 08:30")
    assert next_open(table.windows("call", "RJ"), SP, "RJ", now) == now
    assert next_open(table.windows("call", "MG"), SP, "MG", now) == utc(
        "2026-03-11 09:00"
    )
