"""What delivery counts mean: times from a histogram, shares one may be sure of."""

import random

import pytest

from odoo.addons.veloc_messaging.rules import delivery
from odoo.addons.veloc_messaging.rules.delivery import Limit, Window


@pytest.mark.parametrize("share", [0.5, 0.9, 0.95])
def test_a_quantile_is_off_by_five_percent_at_most(share):
    dice = random.Random(7)
    times = sorted(dice.lognormvariate(2.5, 1.2) + 1 for _n in range(5000))
    steps = {}
    for seconds in times:
        step = delivery.step_of(seconds)
        steps[step] = steps.get(step, 0) + 1

    exact = times[int(share * len(times)) - 1]

    assert delivery.quantile(steps, share) == pytest.approx(exact, rel=0.05)


def test_histograms_add_up():
    fast, slow = {3: 60}, {40: 40}
    both = {**fast, **slow}
    assert delivery.quantile(both, 0.5) == delivery.seconds_of(3)
    assert delivery.quantile(both, 0.95) == delivery.seconds_of(40)


@pytest.mark.parametrize("count", [-3, 0])
def test_nothing_counted_has_no_time(count):
    assert delivery.quantile({5: count}, 0.5) is None


@pytest.mark.parametrize(
    ("count", "sample", "low", "high"),
    [(0, 100, 0, 0.001), (1, 1, 0.15, 0.25), (50, 100, 0.40, 0.41), (9, 9, 0.7, 0.71)],
)
def test_the_lower_end_of_the_interval(count, sample, low, high):
    assert low <= delivery.at_least(count, sample) <= high


def test_a_few_unlucky_messages_do_not_stop_an_account():
    limit = Limit("failures", 0.25, min_sample=50)
    few = delivery.read(limit, Window(accepted=20, failed=20))
    unlucky = delivery.read(limit, Window(accepted=60, failed=17))
    surely = delivery.read(limit, Window(accepted=60, failed=30))
    assert (few.crossed, unlucky.crossed, surely.crossed) == (False, False, True)
    assert unlucky.value > 0.25
    assert not unlucky.over, "above the limit, though not surely: nothing changes"


@pytest.mark.parametrize(
    ("window", "share"),
    [
        (Window(accepted=80, rejected=20, failed=20), 0.2),
        (Window(accepted=100, failed=50), 0.5),  # failed after they were accepted
        (Window(failed=10), 1.0),  # late failures of earlier messages alone
        (Window(), 0.0),
    ],
)
def test_the_share_of_failures_is_of_what_was_tried(window, share):
    assert delivery.read(Limit("failures", 0.25), window).value == share


def test_complaints_and_opt_outs_are_of_what_was_accepted():
    window = Window(accepted=1000, rejected=500, failed=500, complaints=9, opt_outs=30)
    complaints = delivery.read(Limit("complaints", 0.003, 500), window)
    opt_outs = delivery.read(Limit("opt_outs", 0.02, 200), window)
    assert complaints.crossed
    assert (complaints.value, complaints.sample) == (0.009, 1000)
    assert opt_outs.crossed
    assert opt_outs.value == 0.03


def test_slow_means_more_than_five_percent_surely_later():
    limit = Limit("slow_delivery", 600, min_sample=50)
    late = delivery.step_of(1200)
    punctual = delivery.read(limit, Window(steps={0: 97, late: 3}))
    doubtful = delivery.read(limit, Window(steps={0: 94, late: 6}))
    slow = delivery.read(limit, Window(steps={0: 80, late: 20}))
    assert (punctual.crossed, punctual.over) == (False, True)
    assert (doubtful.crossed, doubtful.over) == (False, False)
    assert (slow.crossed, slow.over) == (True, False)
    few = delivery.read(limit, Window(steps={late: 40}))
    assert not few.crossed


def test_a_queue_needs_no_sample():
    limit = Limit("queue_stuck", 900)
    assert delivery.read(limit, Window(queue_seconds=901)).crossed
    assert delivery.read(limit, Window(queue_seconds=900)).over


@pytest.mark.parametrize("seconds", [1.0, 1.1, 1.21, 59.9, 60, 600, 86400])
def test_a_step_holds_its_duration(seconds):
    step = delivery.step_of(seconds)
    assert delivery.GROWTH ** (step - 1) < seconds * 1.0000001
    assert seconds <= delivery.GROWTH**step * 1.0000001
