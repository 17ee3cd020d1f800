import random

import pytest

from odoo.addons.veloc_messaging.rules.pace import Bucket

NOW = 1_000_000.0


def test_a_full_bucket_gives_a_burst_and_no_more():
    bucket = Bucket(10.0, 5)

    assert bucket.available(0.0, NOW) == 5
    assert bucket.available(bucket.take(0.0, NOW, 5), NOW) == 0


def test_tokens_come_back_at_the_rate():
    bucket = Bucket(10.0, 5)
    full_at = bucket.take(0.0, NOW, 5)

    assert [bucket.available(full_at, NOW + s / 10) for s in range(7)] == [
        0,
        1,
        2,
        3,
        4,
        5,
        5,
    ]


def test_a_slow_rate_still_gives_single_tokens():
    bucket = Bucket.of(0.1)
    full_at = bucket.take(0.0, NOW, 1)

    assert bucket.available(full_at, NOW + 9.9) == 0
    assert bucket.available(full_at, NOW + 10) == 1


def test_how_long_to_wait():
    bucket = Bucket(10.0, 5)
    full_at = bucket.take(0.0, NOW, 5)

    assert bucket.ready_in(full_at, NOW) == pytest.approx(0.1)
    assert bucket.ready_in(full_at, NOW, 5) == pytest.approx(0.5)
    assert bucket.ready_in(full_at, NOW, 99) == pytest.approx(0.5)  # never more
    assert bucket.ready_in(full_at, NOW + 1) == 0


def test_a_clock_that_jumps_back_strands_nobody():
    bucket = Bucket(10.0, 5)
    full_at = bucket.take(0.0, NOW, 5)

    assert bucket.available(full_at, NOW - 3600) == 0
    assert bucket.ready_in(full_at, NOW - 3600, 5) == pytest.approx(0.5)


def test_a_clock_that_jumps_ahead_gives_one_burst():
    bucket = Bucket(10.0, 5)

    assert bucket.available(bucket.take(0.0, NOW, 5), NOW + 3600) == 5


@pytest.mark.parametrize("seed", range(40))
def test_no_window_holds_more_than_the_rate_and_a_burst(seed):
    chance = random.Random(seed)
    bucket = Bucket(chance.choice([0.3, 1, 7.5, 80, 400]), chance.randint(1, 100))
    full_at, now, taken = 0.0, NOW, []
    for _turn in range(300):
        now += chance.choice([0.0, 0.001, 0.05, 1.0, 9.0]) * chance.random()
        count = min(chance.randint(0, 50), bucket.available(full_at, now))
        full_at = bucket.take(full_at, now, count)
        taken.append((now, count))

    for first in range(0, 300, 7):
        total = 0
        for at, count in taken[first:]:
            total += count
            allowed = bucket.burst + bucket.rate * (at - taken[first][0])
            assert total <= allowed + 1e-3
