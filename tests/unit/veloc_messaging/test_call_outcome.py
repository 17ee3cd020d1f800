"""What follows from a call, and who makes the next one."""

from datetime import datetime, timedelta

import pytest

from odoo.addons.veloc_messaging.rules import call_outcome as rule

NOW = datetime(2026, 3, 11, 15, 0)
DUE = NOW + timedelta(days=1)


def after(outcome, attempts=1, due=DUE, **more):
    return rule.after_outcome(outcome, attempts=attempts, now=NOW, due=due, **more)


@pytest.mark.parametrize(
    ("outcome", "message", "failure"),
    [
        (rule.REACHED, "delivered", None),
        (rule.DO_NOT_CALL, "delivered", None),
        (rule.WRONG_NUMBER, "undelivered", "permanent"),
    ],
)
def test_some_outcomes_end_the_task_and_the_message(outcome, message, failure):
    step = after(outcome)
    assert (step.state, step.message, step.failure_class) == ("done", message, failure)


@pytest.mark.parametrize(
    ("outcome", "minutes"), [(rule.NO_ANSWER, 120), (rule.BUSY, 15)]
)
def test_who_does_not_pick_up_is_called_again_later(outcome, minutes):
    step = after(outcome)
    assert (step.state, step.call_at) == ("open", NOW + timedelta(minutes=minutes))
    assert (step.due_at, step.message) == (DUE, None)


@pytest.mark.parametrize("outcome", [rule.NO_ANSWER, rule.BUSY])
def test_after_three_calls_we_leave_them_alone(outcome):
    assert after(outcome, attempts=2).state == "open"
    step = after(outcome, attempts=3)
    assert (step.state, step.message, step.failure_code) == (
        "missed",
        "undelivered",
        outcome,
    )


def test_no_second_call_after_it_has_become_useless():
    step = after(rule.NO_ANSWER, due=NOW + timedelta(minutes=119))
    assert (step.state, step.message) == ("missed", "undelivered")


def test_a_call_back_has_its_own_time_and_outlives_the_first_term():
    at = NOW + timedelta(days=3)
    step = after(rule.CALL_BACK, call_back_at=at)
    assert (step.state, step.call_at, step.due_at) == ("open", at, at + rule.GRACE)


def test_a_call_back_soon_does_not_shorten_the_term():
    assert after(rule.CALL_BACK, call_back_at=NOW + timedelta(hours=1)).due_at == DUE


@pytest.mark.parametrize("at", [None, NOW, NOW - timedelta(minutes=1)])
def test_a_call_back_needs_a_time_to_come(at):
    with pytest.raises(ValueError, match="time to come"):
        after(rule.CALL_BACK, call_back_at=at)


def test_an_outcome_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="no such outcome"):
        after("maybe")


def test_every_outcome_has_a_consequence():
    at = NOW + timedelta(hours=1)
    assert all(after(outcome, call_back_at=at).state for outcome in rule.OUTCOMES)


def test_a_task_without_a_term_gets_one():
    assert rule.due_at(None, NOW) == NOW + rule.DEFAULT_TERM
    assert rule.due_at(DUE, NOW) == DUE


def test_a_late_and_a_forbidden_task_say_why():
    assert rule.too_late().failure_class == "late"
    step = rule.not_allowed("self_exclusion")
    assert (step.state, step.message, step.failure_code) == (
        "cancelled",
        "failed",
        "self_exclusion",
    )


def test_calls_go_to_whoever_has_the_fewest():
    assert rule.share_out(4, {1: 3, 2: 0, 3: 1}) == [2, 2, 3, 2]


def test_without_a_desk_calls_belong_to_nobody():
    assert rule.share_out(2, {}) == []
