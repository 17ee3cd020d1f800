"""The planner: a person in a cadence, one decision at a time."""

import random
from datetime import datetime, timedelta

import pytest

from odoo.addons.veloc_crm.rules import planner
from odoo.addons.veloc_crm.rules.planner import Facts, Outcome, Run, Step

ENTRY = datetime(2026, 3, 2, 15, 0)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

FIRST = Step(11, slot=1, useful_for=24 * HOUR)
SECOND = Step(12, slot=2, wait=2 * DAY, useful_for=24 * HOUR)
THIRD = Step(13, slot=3, wait=DAY, wait_from="previous", useful_for=24 * HOUR)
STEPS = (FIRST, SECOND, THIRD)


def at_step(slot, **values):
    return Run(ENTRY, slot, **values)


# === PLAN === #


def test_a_step_that_is_due_is_sent():
    plan = planner.plan(at_step(1), STEPS, Facts(), ENTRY)
    assert (plan.verb, plan.step) == ("send", FIRST)


def test_a_step_waits_from_the_entry():
    plan = planner.plan(at_step(2), STEPS, Facts(), ENTRY + DAY)
    assert (plan.verb, plan.until) == ("wait", ENTRY + 2 * DAY)


def test_a_step_waits_from_the_moment_the_previous_one_was_settled():
    run = at_step(3, previous_at=ENTRY + 3 * DAY)
    assert planner.due_at(THIRD, run) == ENTRY + 4 * DAY


def test_a_first_step_that_waits_for_the_previous_one_waits_from_the_entry():
    assert planner.due_at(THIRD, at_step(3)) == ENTRY + DAY


def test_a_step_is_sent_until_the_last_moment_it_is_useful():
    last = ENTRY + 24 * HOUR - timedelta(seconds=1)
    assert planner.plan(at_step(1), STEPS, Facts(), last).verb == "send"


def test_a_late_step_expires_and_says_when_it_would_have_been_useful():
    plan = planner.plan(at_step(1), STEPS, Facts(), ENTRY + 24 * HOUR)
    assert (plan.verb, plan.reason) == ("expire", "too_late")
    assert plan.saw == {"useful_until": "2026-03-03T15:00:00"}


def test_a_step_without_an_end_never_expires():
    step = Step(1, slot=1)
    plan = planner.plan(at_step(1), [step], Facts(), ENTRY + 5000 * DAY)
    assert plan.verb == "send"


def test_a_held_step_is_not_tried_again_before_its_hour():
    held = at_step(1, held_until=ENTRY + 6 * HOUR)
    early = planner.plan(held, STEPS, Facts(), ENTRY + HOUR)
    on_time = planner.plan(held, STEPS, Facts(), ENTRY + 6 * HOUR)
    assert (early.verb, early.until) == ("wait", ENTRY + 6 * HOUR)
    assert on_time.verb == "send"


def test_a_stage_that_ends_the_cadence_wins_over_a_due_step():
    plan = planner.plan(
        at_step(1), STEPS, Facts(stage="churned"), ENTRY, frozenset({"churned"})
    )
    assert (plan.verb, plan.reason, plan.saw) == ("exit", "stage", {"stage": "churned"})


@pytest.mark.parametrize("slot", [None, 99])
def test_a_run_whose_step_is_gone_ends(slot):
    assert planner.plan(at_step(slot), STEPS, Facts(), ENTRY).verb == "finish"


# === CONDITIONS === #


@pytest.mark.parametrize(
    ("code", "facts", "holds"),
    [
        ("always", Facts(), True),
        ("no_deposit_yet", Facts(deposit_count=0), True),
        ("no_deposit_yet", Facts(deposit_count=1), False),
        ("has_deposited", Facts(deposit_count=0), False),
        ("has_deposited", Facts(deposit_count=3), True),
        ("kyc_not_approved", Facts(kyc_state="submitted"), True),
        ("kyc_not_approved", Facts(kyc_state="approved"), False),
        ("kyc_approved", Facts(kyc_state="approved"), True),
        ("kyc_approved", Facts(kyc_state="rejected"), False),
        ("has_not_logged_in", Facts(), True),
        ("has_not_logged_in", Facts(last_login_at=ENTRY - HOUR), True),
        ("has_not_logged_in", Facts(last_login_at=ENTRY + HOUR), False),
        ("has_logged_in", Facts(last_login_at=ENTRY + HOUR), True),
        ("has_logged_in", Facts(), False),
    ],
)
def test_a_condition_decides_between_sending_and_skipping(code, facts, holds):
    step = Step(1, slot=1, condition=code)
    plan = planner.plan(at_step(1), [step], facts, ENTRY)
    assert plan.verb == ("send" if holds else "skip")
    assert plan.reason == ("" if holds else code)


def test_a_skip_says_what_it_saw():
    step = Step(1, slot=1, condition="has_not_logged_in")
    facts = Facts(last_login_at=ENTRY + HOUR)
    plan = planner.plan(at_step(1), [step], facts, ENTRY + DAY)
    assert plan.saw == {"last_login_at": "2026-03-02T16:00:00"}


# === SETTLE === #


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        ("queued", "sent"),
        ("duplicate", "duplicate"),
        ("refused", "refused"),
        ("skipped", "skipped"),
        ("expired", "expired"),
    ],
)
def test_whatever_became_of_a_step_the_next_one_gets_its_turn(kind, verdict):
    advance = planner.settle(at_step(1), STEPS, FIRST, Outcome(kind, "why"), ENTRY)
    assert (advance.verdict, advance.state, advance.reason) == (
        verdict,
        "active",
        "why",
    )
    assert (advance.slot, advance.next_due) == (2, ENTRY + 2 * DAY)
    assert advance.previous_at == ENTRY


def test_the_last_step_ends_the_run():
    advance = planner.settle(at_step(3), STEPS, THIRD, Outcome("queued"), ENTRY + DAY)
    assert (advance.state, advance.slot, advance.next_due) == ("done", None, None)


def test_a_deferred_step_stays_and_tries_again_when_allowed():
    until = ENTRY + 10 * HOUR
    run = at_step(2, previous_at=ENTRY)
    now = ENTRY + 2 * DAY
    advance = planner.settle(
        run, STEPS, SECOND, Outcome("deferred", "quiet_hours", now + 10 * HOUR), now
    )
    assert (advance.verdict, advance.state, advance.slot) == ("deferred", "active", 2)
    assert advance.next_due == advance.held_until == now + (until - ENTRY)
    assert advance.previous_at == ENTRY


def test_a_step_put_off_beyond_its_use_expires_at_once():
    advance = planner.settle(
        at_step(1), STEPS, FIRST, Outcome("deferred", "quiet_hours", ENTRY + DAY), ENTRY
    )
    assert (advance.verdict, advance.reason) == ("expired", "held_too_long")
    assert advance.slot == 2


@pytest.mark.parametrize("until", [None, ENTRY - HOUR, ENTRY])
def test_a_step_that_is_put_off_never_comes_back_in_the_same_breath(until):
    outcome = Outcome("deferred", "quiet_hours", until)
    advance = planner.settle(at_step(1), STEPS, FIRST, outcome, ENTRY)
    assert advance.next_due > ENTRY


def test_a_trouble_of_our_own_does_not_cost_the_person_the_step():
    outcome = Outcome("refused", "no_account")
    advance = planner.settle(at_step(1), STEPS, FIRST, outcome, ENTRY)
    assert (advance.verdict, advance.reason) == ("deferred", "no_account")
    assert (advance.slot, advance.state) == (1, "active")


@pytest.mark.parametrize("reason", sorted(planner.ENDING_REFUSALS))
def test_a_refusal_that_protects_the_person_ends_the_cadence(reason):
    advance = planner.settle(
        at_step(1), STEPS, FIRST, Outcome("refused", reason), ENTRY
    )
    assert (advance.verdict, advance.state) == ("refused", "exited")
    assert (advance.slot, advance.next_due) == (None, None)


def test_a_refusal_on_one_channel_leaves_the_other_steps_their_chance():
    advance = planner.settle(
        at_step(1), STEPS, FIRST, Outcome("refused", "no_consent"), ENTRY
    )
    assert (advance.state, advance.slot) == ("active", 2)


# === ENTRY === #


def test_an_event_older_than_every_step_is_too_old():
    steps = [Step(1, slot=1, useful_for=24 * HOUR)]
    assert not planner.is_too_old(steps, ENTRY, ENTRY + 24 * HOUR - HOUR)
    assert planner.is_too_old(steps, ENTRY, ENTRY + 24 * HOUR)


def test_the_window_of_a_cadence_ends_with_its_last_useful_step():
    assert planner.offsets(STEPS) == [timedelta(), 2 * DAY, 3 * DAY]
    assert planner.useful_window(STEPS) == 4 * DAY


def test_a_cadence_with_an_endless_step_has_no_window():
    assert planner.useful_window([*STEPS, Step(9, slot=9)]) is None
    assert not planner.is_too_old([Step(9, slot=9)], ENTRY, ENTRY + 9000 * DAY)


@pytest.mark.parametrize(
    ("reentry", "occurrence"),
    [("once", "once"), ("again", "signup:7"), ("each", "signup:7")],
)
def test_an_occurrence_tells_one_entry_from_another(reentry, occurrence):
    assert planner.occurrence_of(reentry, "signup", 7) == occurrence


def test_a_message_key_does_not_change_with_the_version():
    assert planner.message_key(4, 2, "once") == "cad:4:2:once"


# === WHOLE RUNS === #


@pytest.fixture(params=range(60))
def dice(request):
    """Return seeded dice: a failing case names its seed."""
    return random.Random(request.param)


def random_steps(dice):
    return [
        Step(
            100 + slot,
            slot=slot,
            wait=timedelta(hours=dice.choice([0, 1, 24, 72])),
            wait_from=dice.choice(["entry", "previous"]),
            condition=dice.choice(["always", "no_deposit_yet", "kyc_approved"]),
            useful_for=dice.choice([None, HOUR, DAY]),
        )
        for slot in range(1, dice.randint(2, 7))
    ]


def random_outcome(dice, now):
    kind = dice.choice(["queued", "queued", "duplicate", "deferred", "refused"])
    reason = dice.choice(["no_consent", "no_address", "self_exclusion"])
    return Outcome(kind, reason, now + dice.randint(1, 30) * HOUR)


def live(dice):
    """Walk one random run to its end; return every (time, plan, advance) of it."""
    steps = random_steps(dice)
    run, now, trail = at_step(steps[0].slot), ENTRY, []
    for _ in range(500):
        facts = Facts(deposit_count=dice.randint(0, 1))
        plan = planner.plan(run, steps, facts, now)
        if plan.verb == "wait":
            assert plan.until > now
            # The clock is late as often as it is exact.
            now = plan.until + timedelta(minutes=dice.choice([0, 7, 600]))
            continue
        outcome = {"skip": Outcome("skipped"), "expire": Outcome("expired")}.get(
            plan.verb, random_outcome(dice, now)
        )
        advance = planner.settle(run, steps, plan.step, outcome, now)
        trail.append((now, plan, advance))
        if advance.state != "active":
            return steps, trail
        run = Run(ENTRY, advance.slot, advance.previous_at, advance.held_until)
    raise AssertionError("the run never ends")


def test_any_run_ends_and_settles_each_step_once_in_order(dice):
    steps, trail = live(dice)
    settled = [
        plan.step.slot
        for _now, plan, advance in trail
        if advance.verdict != planner.DEFERRED
    ]
    expected = [step.slot for step in steps]
    assert settled == expected[: len(settled)]
    last = trail[-1][2]
    assert (last.state == "done") == (len(settled) == len(steps)) or (
        last.state == "exited" and last.reason in planner.ENDING_REFUSALS
    )


def test_in_any_run_nothing_is_sent_before_its_time_or_after_its_use(dice):
    _steps, trail = live(dice)
    previous_at = None
    for now, plan, advance in trail:
        if advance.verdict == planner.SENT:
            run = Run(ENTRY, plan.step.slot, previous_at)
            assert now >= planner.due_at(plan.step, run)
            end = planner.useful_until(plan.step, run)
            assert end is None or now < end
        previous_at = advance.previous_at


def test_in_any_run_a_run_that_goes_on_knows_when(dice):
    _steps, trail = live(dice)
    for _now, _plan, advance in trail:
        goes_on = advance.state == planner.ACTIVE
        assert goes_on == (advance.next_due is not None) == (advance.slot is not None)
