"""Periods of audits: no day without one, none passed over."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_compliance.rules.audit_period import (
    MOST_MISSED,
    Period,
    due_on,
    missing,
    period_of,
)

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
KINDS = st.sampled_from(["weekly", "monthly", "quarterly", "yearly"])


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [
        ("weekly", date(2026, 3, 9), date(2026, 3, 15)),
        ("monthly", date(2026, 3, 1), date(2026, 3, 31)),
        ("quarterly", date(2026, 1, 1), date(2026, 3, 31)),
        ("yearly", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_the_period_of_a_day(kind, first, last):
    assert period_of(kind, date(2026, 3, 11)) == Period(first, last)


@given(KINDS, DAYS)
def test_every_day_lies_in_one_period_and_the_next_follows_it(kind, day):
    period = period_of(kind, day)
    assert period.first <= day <= period.last
    assert period_of(kind, period.first) == period_of(kind, period.last) == period
    assert period_of(kind, period.last + timedelta(days=1)).first == (
        period.last + timedelta(days=1)
    )


@given(KINDS, DAYS, st.integers(0, 400))
def test_it_is_due_within_its_period(kind, day, days):
    period = period_of(kind, day)
    assert period.first <= due_on(period, days) <= period.last


def test_a_weekly_audit_of_five_days_is_due_on_friday():
    week = period_of("weekly", date(2026, 3, 11))
    assert due_on(week, 5) == date(2026, 3, 13)


def test_a_new_plan_begins_with_the_present_period():
    today = date(2026, 3, 11)
    assert missing("monthly", None, today, today) == [period_of("monthly", today)]


def test_nothing_is_missing_while_the_period_has_its_audit():
    today = date(2026, 3, 11)
    assert missing("weekly", date(2026, 3, 9), date(2026, 1, 1), today) == []


def test_weeks_nobody_audited_are_not_passed_over():
    periods = missing("weekly", date(2026, 2, 16), date(2026, 1, 1), date(2026, 3, 11))
    assert [p.first for p in periods] == [
        date(2026, 2, 23),
        date(2026, 3, 2),
        date(2026, 3, 9),
    ]


def test_an_old_installation_does_not_get_years_of_missed_audits():
    periods = missing("weekly", None, date(2020, 1, 1), date(2026, 3, 11))
    assert len(periods) == MOST_MISSED
    assert periods[-1].first == date(2026, 3, 9)
