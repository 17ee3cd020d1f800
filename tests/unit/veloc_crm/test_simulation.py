"""What simulated decisions come to."""

from datetime import datetime, timedelta

import pytest

from odoo.addons.veloc_crm.rules import simulation

NOON = datetime(2026, 3, 11, 15, 0)
HALF_HOUR = timedelta(minutes=30)


def decision(order, verdict="sent", reason="consent", run_id=1, step_id=7, at=None):
    at = at or NOON + order * HALF_HOUR
    return {
        "order": order,
        "run_id": run_id,
        "step_id": step_id,
        "verdict": verdict,
        "reason": reason,
        "at": at,
        "until": at + HALF_HOUR,
    }


def test_delays_for_one_reason_in_a_row_are_one_with_the_last_until():
    delays = [decision(n, "deferred", "no_account") for n in range(3)]
    (folded,) = simulation.fold(delays)
    assert folded["times"] == 3
    assert folded["at"] == NOON
    assert folded["until"] == delays[-1]["until"]


def test_delays_of_another_run_step_or_reason_stay_apart():
    rows = [
        decision(0, "deferred", "no_account"),
        decision(1, "deferred", "quiet_hours"),
        decision(2, "deferred", "quiet_hours", run_id=2),
        decision(3, "deferred", "quiet_hours", step_id=8),
    ]
    assert [row["times"] for row in simulation.fold(rows)] == [1, 1, 1, 1]


def test_a_delay_between_two_others_breaks_the_row():
    rows = [
        decision(0, "deferred", "no_account"),
        decision(1, "sent"),
        decision(2, "deferred", "no_account"),
    ]
    assert len(simulation.fold(rows)) == 3


def test_decisions_come_in_the_order_of_time_then_of_the_walk():
    rows = [decision(2, at=NOON), decision(0, at=NOON + HALF_HOUR), decision(1)]
    rows[2]["at"] = NOON
    assert [row["order"] for row in simulation.fold(rows)] == [1, 2, 0]


def test_each_step_is_counted_even_when_nobody_reached_it():
    rows = [
        decision(0),
        decision(1, "refused", "no_consent"),
        decision(2, "refused", "no_consent"),
        decision(3, "skipped", "no_deposit_yet"),
        decision(4, "exited", "goal", step_id=None),
    ]
    first, second = simulation.tally(rows, [7, 8])
    assert first["verdicts"] == {"sent": 1, "refused": 2, "skipped": 1}
    assert list(first["reasons"]) == ["no_consent", "no_deposit_yet"]
    assert second == {"step_id": 8, "verdicts": {}, "reasons": {}}


def test_a_run_leaves_by_the_first_move_after_it_began():
    moves = [
        (NOON - HALF_HOUR, "goal"),
        (NOON + 2 * HALF_HOUR, "goal"),
        (NOON + HALF_HOUR, "exit_event"),
    ]
    assert simulation.leaves_at(moves, NOON) == (NOON + HALF_HOUR, "exit_event")


def test_at_one_moment_the_goal_is_named_first():
    moves = [(NOON, "exit_event"), (NOON, "goal")]
    assert simulation.leaves_at(moves, NOON) == (NOON, "goal")


def test_who_has_no_move_stays():
    assert simulation.leaves_at([(NOON, "goal")], NOON + HALF_HOUR) == (None, "")


@pytest.mark.parametrize(
    "value",
    [
        NOON,
        "2026-03-11 15:00:00",
        "2026-03-11T15:00:00Z",
        "2026-03-11T12:00:00-03:00",
    ],
)
def test_a_moment_is_read_as_people_and_programs_write_it(value):
    assert simulation.read_moment(value) == NOON


@pytest.mark.parametrize("value", ["tomorrow", "", None, 7])
def test_what_is_no_moment_is_refused(value):
    with pytest.raises((ValueError, TypeError)):
        simulation.read_moment(value)
