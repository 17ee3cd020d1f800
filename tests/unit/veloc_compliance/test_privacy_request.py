from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_compliance.const import REQUEST_KINDS, REQUEST_STATES
from odoo.addons.veloc_compliance.rules.privacy_request import (
    FLOWS,
    LEGAL_GROUNDS,
    MOVES,
    OPEN,
    can_move,
    clock,
    days_left,
    due_at,
    ends_unproven,
    extension_refusal,
    refusal_refusal,
)

FRIDAY = datetime(2026, 2, 13, 18, 0)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1))


def test_every_right_of_the_law_has_its_own_flow():
    assert list(FLOWS) == [code for code, _label in REQUEST_KINDS]
    assert all(flow.article.startswith("art. ") for flow in FLOWS.values())


def test_every_state_has_its_moves_and_closed_ones_have_none_but_a_refusal():
    assert set(MOVES) == {code for code, _label in REQUEST_STATES}
    endings = {state for state in MOVES if state not in OPEN and MOVES[state]}
    assert endings == {"denied"}


def test_nobody_is_worked_for_before_the_proof():
    assert not can_move("received", "done")
    assert not can_move("expired", "in_progress")


@given(moments)
def test_the_term_is_fifteen_calendar_days_whatever_the_day(received):
    assert due_at(received) - received == timedelta(days=15)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(0, "on_time"), (11.99, "on_time"), (12, "due"), (14.99, "due"), (15, "overdue")],
)
def test_day_12_warns_and_day_15_is_late(days, expected):
    now = FRIDAY + timedelta(days=days)
    assert clock("in_progress", due_at(FRIDAY), now) == expected


@pytest.mark.parametrize("state", [s for s in MOVES if s not in OPEN])
def test_a_closed_request_has_no_clock(state):
    assert clock(state, FRIDAY, FRIDAY + timedelta(days=99)) == "closed"


@given(moments, st.integers(-400, 400))
def test_days_left_are_whole_and_change_sign_with_the_term(due, hours):
    left = days_left(due, due - timedelta(hours=hours))
    assert (left > 0) == (hours > 0)
    assert abs(left - hours / 24) < 1


@pytest.mark.parametrize(
    ("days", "fault"), [(0, "not_later"), (1, ""), (15, ""), (15.01, "too_long")]
)
def test_a_term_moves_forward_by_fifteen_days_at_most(days, fault):
    assert extension_refusal(FRIDAY, FRIDAY, FRIDAY + timedelta(days=days)) == fault


@pytest.mark.parametrize("ground", LEGAL_GROUNDS)
def test_each_ground_refuses_with_a_sentence(ground):
    assert refusal_refusal("The records belong to a company.", ground) == ""
    assert refusal_refusal("   no   ", ground) == "no_reason"


@pytest.mark.parametrize("ground", ["", "mood", None])
def test_nothing_is_refused_without_a_ground_in_law(ground):
    assert refusal_refusal("Because we do not want to.", ground) == "no_ground"


def test_only_an_unproven_request_ends_by_itself():
    late = FRIDAY + timedelta(seconds=1)
    assert ends_unproven("identity_unverified", FRIDAY, late)
    assert not ends_unproven("identity_unverified", late, FRIDAY)
    assert not any(ends_unproven(s, FRIDAY, late) for s in ("received", "in_progress"))
