import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_crm.rules import capture_split as rule
from odoo.addons.veloc_crm.rules.capture_split import Arm


def test_a_visitor_sees_the_same_variant_each_time():
    weights = [(1, 1), (2, 1)]
    seen = {rule.pick("v-1", "ebook", weights) for _ in range(5)}
    assert len(seen) == 1


def test_variants_are_shown_by_their_weight():
    picked = [rule.pick(f"v-{n}", "ebook", [(1, 3), (2, 1)]) for n in range(20_000)]
    assert picked.count(1) / len(picked) == pytest.approx(0.75, abs=0.015)


def test_two_forms_split_the_same_visitors_independently():
    both = [
        (
            rule.pick(f"v-{n}", "a", [(1, 1), (2, 1)]),
            rule.pick(f"v-{n}", "b", [(1, 1), (2, 1)]),
        )
        for n in range(20_000)
    ]
    assert both.count((1, 1)) / len(both) == pytest.approx(0.25, abs=0.015)


@given(st.text(), st.lists(st.integers(0, 5), min_size=1, max_size=5))
def test_a_variant_without_weight_is_never_shown(visitor, numbers):
    weights = list(enumerate(numbers, 1))
    picked = rule.pick(visitor, "f", weights)
    assert picked is None if not any(numbers) else numbers[picked - 1] > 0


def test_newcombes_interval_is_the_published_one():
    # Newcombe 1998, method 10, table II: 56/70 against 48/80.
    found = rule.compare(Arm(80, 48), Arm(70, 56), 10)
    assert found.difference == pytest.approx(0.2, abs=1e-9)
    assert found.low == pytest.approx(0.0524, abs=5e-5)
    assert found.high == pytest.approx(0.3339, abs=5e-5)
    assert found.verdict == "better"


def test_no_success_at_all_has_an_interval_all_the_same():
    # The same table: 9/10 against 3/10, and 10/10 against 0/10.
    found = rule.compare(Arm(10, 0), Arm(10, 10), 10)
    assert (round(found.low, 4), found.high) == (0.6075, 1.0)


@pytest.mark.parametrize(
    ("control", "arm", "verdict"),
    [
        (Arm(0, 0), Arm(500, 50), "not_enough"),
        (Arm(999, 10), Arm(2000, 200), "too_early"),
        (Arm(2000, 3), Arm(2000, 4), "not_enough"),
        (Arm(2000, 100), Arm(2000, 105), "no_difference"),
        (Arm(2000, 100), Arm(2000, 160), "better"),
        (Arm(2000, 160), Arm(2000, 100), "worse"),
    ],
)
def test_the_verdict_says_no_more_than_the_numbers(control, arm, verdict):
    assert rule.compare(control, arm, 1000).verdict == verdict


def test_with_more_variants_each_needs_more_evidence():
    arms = Arm(2000, 100), Arm(2000, 130)
    assert rule.compare(*arms, 1000).verdict == "better"
    assert rule.compare(*arms, 1000, others=5).verdict == "no_difference"


def test_equal_variants_are_seldom_called_different():
    dice = random.Random(5)
    wrong = 0
    for _ in range(400):
        arms = [Arm(1000, sum(dice.random() < 0.1 for _ in range(1000))) for _ in "ab"]
        wrong += rule.compare(*arms, 1000).verdict in ("better", "worse")
    assert wrong <= 32  # 5 % of 400 and three standard deviations
