"""Stages: what moves a trader, what silence does, what late news may change."""

import random
from datetime import datetime, timedelta

import pytest

from odoo.addons.veloc_crm.rules.lifecycle import (
    STAGES,
    Happening,
    Policy,
    Standing,
    advance,
    age,
    next_stage_at,
)

START = datetime(2026, 1, 1)


def day(number):
    return START + timedelta(days=number)


def live(*events, now, standing=None, policy=None):
    happenings = [Happening(day(at), kind) for at, kind in events]
    return advance(standing or Standing(), happenings, day(now), policy or Policy())


def path(changes):
    return [(change.stage, (change.at - START).days) for change in changes]


WAY = [
    (0, "lead"),
    (1, "signup"),
    (2, "kyc_approved"),
    (3, "deposit_approved"),
    (4, "trade"),
]


def test_the_whole_way():
    standing, changes = live(*WAY, now=5)
    assert standing.stage == "active"
    assert path(changes) == [
        ("lead", 0),
        ("signup", 1),
        ("kyc", 2),
        ("first_deposit", 3),
        ("active", 4),
    ]
    assert [change.from_stage for change in changes] == [None, *STAGES[:4]]


def test_steps_may_be_skipped():
    standing, changes = live((1, "signup"), (3, "deposit_approved"), now=4)
    assert standing.stage == "first_deposit"
    assert path(changes) == [("signup", 1), ("first_deposit", 3)]


def test_a_second_deposit_makes_active():
    standing, _ = live((1, "deposit_approved"), (2, "deposit_approved"), now=3)
    assert (standing.stage, standing.since) == ("active", day(2))


def test_a_milestone_counts_once():
    _, changes = live((1, "signup"), (2, "signup"), now=3)
    assert path(changes) == [("signup", 1)]


@pytest.mark.parametrize("kind", ["login", "deposit_failed", "kyc_submitted", "foo"])
def test_other_events_move_nobody(kind):
    standing, changes = live((1, "signup"), (2, kind), now=300)
    assert (standing.stage, path(changes)) == ("signup", [("signup", 1)])


def test_who_never_deposited_does_not_age():
    standing, _ = live((0, "signup"), (1, "trade"), now=400)
    assert (standing.stage, next_stage_at(standing)) == ("signup", None)


@pytest.mark.parametrize(
    ("now", "stage"),
    [(29, "first_deposit"), (30, "at_risk"), (89, "at_risk"), (90, "churned")],
)
def test_silence_ages(now, stage):
    assert live((0, "deposit_approved"), now=now)[0].stage == stage


def test_silence_of_months_leaves_both_steps_on_their_days():
    _, changes = live((0, "deposit_approved"), now=500)
    assert path(changes) == [("first_deposit", 0), ("at_risk", 30), ("churned", 90)]
    assert [change.reason for change in changes[1:]] == ["inactivity"] * 2


@pytest.mark.parametrize(
    ("stage", "days"),
    [("first_deposit", 30), ("active", 30), ("won_back", 30), ("at_risk", 90)],
)
def test_the_next_step_is_known_in_advance(stage, days):
    standing = Standing(stage, day(0), last_activity_at=day(0))
    assert next_stage_at(standing) == day(days)


@pytest.mark.parametrize("stage", ["lead", "signup", "kyc", "churned"])
def test_nothing_is_due_where_silence_changes_nothing(stage):
    assert next_stage_at(Standing(stage, day(0), last_activity_at=day(0))) is None


def test_activity_at_risk_makes_active_again():
    standing, changes = live((0, "deposit_approved"), (40, "trade"), now=41)
    assert standing.stage == "active"
    assert path(changes)[1:] == [("at_risk", 30), ("active", 40)]


def test_activity_after_churn_wins_back():
    standing, changes = live((0, "deposit_approved"), (120, "trade"), now=121)
    assert standing.stage == "won_back"
    assert path(changes)[1:] == [("at_risk", 30), ("churned", 90), ("won_back", 120)]


def test_the_won_back_stay_so_until_silence_comes():
    standing, _ = live((0, "deposit_approved"), (120, "trade"), (121, "trade"), now=130)
    assert standing.stage == "won_back"
    assert next_stage_at(standing) == day(151)


def test_a_login_wins_nobody_back():
    standing, _ = live((0, "deposit_approved"), (120, "login"), now=121)
    assert standing.stage == "churned"


def test_the_same_in_two_batches_as_in_one():
    events = [*WAY, (50, "trade"), (170, "deposit_approved")]
    whole, all_changes = live(*events, now=171)
    half, first = live(*events[:4], now=10)
    rest, second = live(*events[4:], now=171, standing=half)
    assert rest == whole
    assert first + second == all_changes


def test_the_order_within_a_batch_does_not_matter():
    events = [*WAY, (50, "trade"), (170, "deposit_approved")]
    shuffled = random.Random(7).sample(events, len(events))
    assert live(*shuffled, now=171) == live(*events, now=171)


def test_a_late_signup_completes_the_past_and_moves_nobody():
    before, _ = live((3, "deposit_approved"), now=4)
    standing, changes = live((1, "signup"), now=4, standing=before)
    assert standing.stage == "first_deposit"
    assert path(changes) == [("signup", 1)]
    assert changes[0].from_stage is None


def test_a_late_first_deposit_is_the_first_one():
    before, _ = live((9, "deposit_approved"), now=10)
    standing, changes = live((5, "deposit_approved"), now=10, standing=before)
    assert standing.reached["first_deposit"] == day(5)
    assert path(changes) == [("first_deposit", 5), ("active", 9)]
    assert standing.last_activity_at == day(9)


def test_news_older_than_what_we_aged_from_changes_nothing():
    before, _ = live((0, "deposit_approved"), (20, "trade"), now=60)
    assert before.stage == "at_risk"
    standing, changes = live((10, "trade"), now=60, standing=before)
    assert (standing.stage, changes) == ("at_risk", [])


def test_late_activity_refutes_a_churn_that_was_not():
    before, _ = live((0, "deposit_approved"), now=95)
    assert before.stage == "churned"
    standing, changes = live((80, "trade"), now=95, standing=before)
    assert standing.stage == "active"
    assert path(changes) == [("active", 80)]


def test_late_activity_ages_again_from_its_own_day():
    before, _ = live((0, "deposit_approved"), now=95)
    standing, changes = live((40, "trade"), now=95, standing=before)
    assert path(changes) == [("active", 40), ("at_risk", 70)]
    assert next_stage_at(standing) == day(130)


def test_limits_can_be_edited():
    policy = Policy(timedelta(days=7), timedelta(days=14))
    standing, changes = live((0, "deposit_approved"), now=15, policy=policy)
    assert standing.stage == "churned"
    assert path(changes)[1:] == [("at_risk", 7), ("churned", 14)]


@pytest.mark.parametrize(("risk", "churn"), [(0, 90), (90, 30), (30, 30), (-1, 5)])
def test_limits_that_make_no_sense_are_refused(risk, churn):
    with pytest.raises(ValueError, match="before churned_after"):
        Policy(timedelta(days=risk), timedelta(days=churn))


def test_ageing_twice_is_ageing_once():
    standing, _ = live((0, "deposit_approved"), now=1)
    aged, changes = age(standing, day(100))
    assert len(changes) == 2
    assert age(aged, day(100)) == (aged, [])


@pytest.mark.parametrize("seed", range(20))
def test_whatever_comes_changes_are_in_order_and_end_where_we_stand(seed):
    dice = random.Random(seed)
    kinds = ["lead", "signup", "kyc_approved", "deposit_approved", "trade", "login"]
    events = [(dice.randrange(400), dice.choice(kinds)) for _ in range(30)]
    standing, changes = live(*events, now=400)
    assert [c.at for c in changes] == sorted(c.at for c in changes)
    moves = [c for c in changes if c.from_stage is not None or c is changes[0]]
    assert moves[-1].stage == standing.stage
    due = next_stage_at(standing)
    assert due is None or due > day(400)
