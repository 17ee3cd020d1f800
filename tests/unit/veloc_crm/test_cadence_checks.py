"""What keeps a cadence version from being published, and who moves where."""

from dataclasses import replace
from datetime import timedelta

import pytest

from odoo.addons.veloc_crm.rules import cadence_checks
from odoo.addons.veloc_crm.rules.cadence_checks import Problem, StepFacts
from odoo.addons.veloc_crm.rules.planner import Step

DAY = timedelta(days=1)
GOOD = StepFacts(
    Step(1, slot=1, useful_for=DAY),
    channel="email",
    has_template=True,
    is_approved=True,
    channels=frozenset({"email", "sms"}),
)
URGENT = replace(GOOD, lane="urgent", is_promotional=False)


def find(*steps, kind="cadence", has_entry=True, has_goal=True):
    return cadence_checks.find_problems(kind, has_entry, has_goal, steps)


def test_a_good_cadence_has_no_problems():
    assert not find(GOOD)


def test_a_good_flow_needs_no_goal():
    assert not find(URGENT, kind="flow", has_goal=False)


def test_everything_wrong_with_a_version_is_said_at_once():
    assert find(has_entry=False, has_goal=False) == [
        Problem("no_entry"),
        Problem("no_steps"),
        Problem("no_goal"),
    ]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"has_template": False}, "no_template"),
        ({"is_approved": False}, "template_not_approved"),
        ({"channels": frozenset({"sms"})}, "no_body_for_channel"),
        (
            {"channel": "call", "channels": frozenset({"call"})},
            "channel_not_sendable",
        ),
        ({"step": Step(1, slot=1)}, "no_useful_until"),
    ],
)
def test_a_bad_step_is_named_by_its_position(change, code):
    assert find(GOOD, replace(GOOD, **change)) == [Problem(code, 2)]


def test_a_flow_carries_nothing_promotional_and_runs_in_the_urgent_lane():
    assert find(GOOD, kind="flow") == [
        Problem("flow_is_promotional", 1),
        Problem("flow_not_urgent", 1),
    ]


def at(wait, wait_from="entry", slot=1):
    step = Step(slot, slot=slot, wait=wait * DAY, wait_from=wait_from, useful_for=DAY)
    return replace(GOOD, step=step)


def test_a_step_may_not_be_due_before_the_one_above_it():
    assert find(at(0), at(3), at(2)) == [Problem("wait_goes_back", 3)]


def test_two_steps_may_be_due_at_the_same_moment():
    assert not find(at(0), at(0))


def test_a_wait_from_the_previous_step_adds_up():
    assert not find(at(0), at(3), at(1, "previous"), at(4))
    assert find(at(0), at(3), at(2, "previous"), at(4)) == [
        Problem("wait_goes_back", 4)
    ]


def slots(*numbers):
    return [Step(number, slot=number) for number in numbers]


def test_a_waiting_person_moves_to_the_same_slot():
    assert cadence_checks.map_slots(slots(1, 2), slots(1, 2, 3)) == {1: 1, 2: 2}


def test_a_person_whose_step_is_gone_moves_to_the_next_that_is_left():
    assert cadence_checks.map_slots(slots(1, 2, 3), slots(1, 3)) == {1: 1, 2: 3, 3: 3}


def test_a_person_beyond_the_last_step_left_has_nowhere_to_go():
    assert cadence_checks.map_slots(slots(1, 2, 3), slots(1)) == {
        1: 1,
        2: None,
        3: None,
    }


def test_nobody_moves_back_to_what_they_have_had():
    for target in ([1], [2, 1], [3, 4], [4, 2], []):
        moves = cadence_checks.map_slots(slots(1, 2, 3, 4), slots(*target))
        assert all(goal is None or goal >= slot for slot, goal in moves.items())


@pytest.mark.parametrize(
    ("direction", "expected"),
    [
        ("keep", {"keep": 7, "move": 0, "exit": 0}),
        ("move", {"keep": 0, "move": 4, "exit": 3}),
        ("exit", {"keep": 0, "move": 0, "exit": 7}),
    ],
)
def test_the_head_count_of_a_plan_is_known_before_it_is_chosen(direction, expected):
    counts = cadence_checks.count_plan(direction, {1: 4, 2: 3}, {1: 1, 2: None})
    assert counts == expected
