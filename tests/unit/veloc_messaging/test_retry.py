from datetime import datetime, timedelta

import pytest

from odoo.addons.veloc_messaging.rules import retry

NOW = datetime(2026, 3, 11, 15, 0)


def after(kind, **values):
    return retry.after_answer(kind, **{"now": NOW, "attempts": 1, **values})


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        ("accepted", "accepted"),
        ("permanent", "failed"),
        ("suppress", "failed"),
        ("window", "failed"),
        ("policy", "failed"),
        ("in_doubt", "in_doubt"),
        ("retry", "queued"),
        ("slow", "queued"),
        ("config", "queued"),
        ("not_started", "queued"),
    ],
)
def test_state_after_each_kind_of_answer(kind, state):
    assert after(kind).state == state


@pytest.mark.parametrize(
    ("status", "state"),
    [("queued", "accepted"), ("sent", "sent"), ("delivered", "delivered")],
)
def test_a_better_status_in_the_answer_counts(status, state):
    assert after("accepted", status=status).state == state


@pytest.mark.parametrize("status", ["failed", "nonsense", None])
def test_an_accepted_message_is_at_least_accepted(status):
    assert after("accepted", status=status).state == "accepted"


def test_gaps_grow_and_end():
    gaps = [
        after("retry", attempts=n, jitter=1.0).at - NOW
        for n in range(1, len(retry.DELAYS["retry"]) + 1)
    ]

    assert gaps == sorted(gaps)
    last = after("retry", attempts=len(gaps) + 1)
    assert (last.state, last.reason) == ("failed", "gave_up")


@pytest.mark.parametrize("kind", ["retry", "slow"])
def test_jitter_moves_at_most_half_of_the_gap(kind):
    early, late = (after(kind, jitter=jitter).at - NOW for jitter in (0.0, 1.0))

    assert early * 2 == late


def test_the_provider_may_ask_for_more_time():
    assert after("slow", retry_after=90.0).at == NOW + timedelta(seconds=90)


def test_the_provider_may_not_ask_for_a_week():
    assert after("slow", retry_after=7 * 86400.0).at == NOW + timedelta(days=1)


@pytest.mark.parametrize("kind", ["retry", "slow", "config"])
def test_a_retry_that_comes_too_late_expires_now(kind):
    step = after(kind, useful_until=NOW + timedelta(milliseconds=1))

    assert (step.state, step.reason) == ("expired", "too_late")


@pytest.mark.parametrize("kind", ["config", "not_started"])
def test_what_was_not_the_fault_of_the_message_does_not_count(kind):
    assert not after(kind).counts


@pytest.mark.parametrize("kind", ["accepted", "permanent", "retry", "slow", "in_doubt"])
def test_a_real_try_counts(kind):
    assert after(kind).counts


def test_what_was_not_started_is_due_at_once():
    assert after("not_started").at == NOW


def test_an_unknown_kind_is_a_bug():
    with pytest.raises(KeyError):
        after("nonsense")
