"""Tiers: up at once, down late and with warning, and never to and fro."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_crm.rules.tiers import (
    ALL,
    CORRECTION,
    DOWN,
    METRICS,
    NEWS,
    NIGHT,
    UP,
    Place,
    Rung,
    climb,
    settle,
)

NOW = datetime(2026, 3, 1, 12)
LONG_AGO = NOW - timedelta(days=400)
LADDER = [
    Rung(1),
    Rung(2, {"deposit_total": Decimal(500), "trades_30d": Decimal(20)}),
    Rung(3, {"deposit_total": Decimal(5000), "trades_30d": Decimal(200)}),
]
LOW = Place(1, LONG_AGO)


def figures(**values):
    return dict.fromkeys(METRICS, Decimal(0)) | {
        name: Decimal(value) for name, value in values.items()
    }


def live(values, place=LOW, days=1, ladder=LADDER):
    """Let the nights pass, each with its number of trades; return the moves."""
    moves = []
    for night, trades in enumerate(values):
        now = NOW + timedelta(days=night * days)
        place, move = settle(place, figures(trades_30d=trades), ladder, now)
        if move:
            moves.append((now.date(), move))
    return place, moves


@pytest.mark.parametrize(
    ("deposits", "trades", "rung"),
    [
        ("0", 0, 1),
        ("499.99", 19, 1),
        ("500", 0, 2),
        ("0", 20, 2),
        ("4999.99", 199, 2),
        ("5000.00", 0, 3),
        ("1000000", 0, 3),
    ],
)
def test_the_highest_threshold_reached_decides_at_once(deposits, trades, rung):
    numbers = figures(deposit_total=deposits, trades_30d=trades)
    place, move = settle(Place(), numbers, LADDER, NOW, NEWS)
    assert place == Place(rung, NOW)
    assert (move.direction, move.reason) == (UP, "reached")


def test_all_thresholds_may_be_asked_for():
    ladder = [Rung(1, {"trades_30d": Decimal(5), "volume_30d": Decimal(9)}, ALL)]
    place, _ = settle(Place(), figures(trades_30d=5), ladder, NOW)
    assert place.rung_id is None
    place, _ = settle(Place(), figures(trades_30d=5, volume_30d=9), ladder, NOW)
    assert place.rung_id == 1


def test_the_move_tells_the_numbers_it_saw():
    _, move = settle(Place(1), figures(trades_30d=31), LADDER, NOW, NEWS)
    assert move.seen["trades_30d"] == (31, 20)


def test_between_entry_and_stay_nobody_moves():
    assert live([16] * 90, Place(2, LONG_AGO)) == (Place(2, LONG_AGO), [])
    assert live([19] * 90) == (Place(1, LONG_AGO), [])


def test_a_fall_is_announced_and_comes_after_the_grace():
    place, moves = live([15], Place(2, LONG_AGO))
    assert (place.review_on, moves) == (date(2026, 3, 8), [])
    place, moves = live([15] * 8, Place(2, LONG_AGO))
    [(day, move)] = moves
    assert (day, move.to_id, move.reason) == (date(2026, 3, 8), 1, "below")
    assert move.seen["trades_30d"] == (15, 20)


def test_nobody_falls_in_their_first_days():
    place, _ = live([0], Place(2, NOW - timedelta(days=3)))
    assert place.review_on == date(2026, 3, 28)


def test_who_recovers_in_time_loses_the_warning():
    place, moves = live([15, 15, 16], Place(2, LONG_AGO))
    assert (place, moves) == (Place(2, LONG_AGO), [])


def test_who_falls_lands_where_they_would_have_been_kept():
    numbers = figures(deposit_total=450)
    place = Place(3, LONG_AGO, NOW.date())
    assert settle(place, numbers, LADDER, NOW)[0] == Place(2, NOW)
    assert settle(place, figures(), LADDER, NOW)[0] == Place(1, NOW)


def test_news_never_lower_anybody():
    place = Place(3, LONG_AGO, NOW.date())
    assert settle(place, figures(), LADDER, NOW, NEWS) == (place, None)


def test_a_correction_takes_back_what_was_never_true():
    place, move = settle(Place(3, NOW), figures(), LADDER, NOW, CORRECTION)
    assert (place.rung_id, move.direction, move.reason) == (1, DOWN, "corrected")


def test_net_deposits_are_looked_at_by_night_only():
    ladder = [Rung(1), Rung(2, {"net_deposit": Decimal(100)})]
    numbers = figures(net_deposit=100)
    assert settle(Place(1), numbers, ladder, NOW, NEWS)[0].rung_id == 1
    assert settle(Place(1), numbers, ladder, NOW, NIGHT)[0].rung_id == 2


def test_who_stood_on_a_rung_that_is_gone_is_placed_anew_by_night():
    place, move = settle(Place(9, LONG_AGO), figures(), LADDER, NOW)
    assert (place.rung_id, move.reason) == (1, "ladder")
    place, move = settle(Place(9, LONG_AGO), figures(), LADDER[1:], NOW)
    assert (place.rung_id, move.direction) == (None, DOWN)


counts = st.integers(min_value=0, max_value=260)


@given(st.lists(counts, min_size=1, max_size=120))
def test_whatever_the_numbers_do_a_rung_is_held_for_its_least_time(numbers):
    _, moves = live(numbers)
    came = {}
    for day, move in moves:
        if move.direction == DOWN and move.from_id in came:
            assert day - came[move.from_id] >= timedelta(days=30)
        came[move.to_id] = day


@given(st.lists(st.integers(min_value=16, max_value=24), min_size=1, max_size=200))
def test_around_a_threshold_there_is_one_move_at_most(numbers):
    _, moves = live(numbers)
    assert len(moves) <= 1


@given(st.lists(st.tuples(counts, counts), min_size=1, max_size=30), st.data())
def test_the_same_news_in_one_batch_or_in_many_end_on_the_same_rung(news, data):
    cuts = data.draw(st.sets(st.integers(min_value=1, max_value=len(news))))
    place = Place(1)
    for end in sorted(cuts | {len(news)}):
        money, trades = map(sum, zip(*news[:end], strict=True))
        numbers = figures(deposit_total=money, trades_30d=trades)
        place, _ = settle(place, numbers, LADDER, NOW, NEWS)
    order = data.draw(st.permutations(news))
    money, trades = map(sum, zip(*order, strict=True))
    numbers = figures(deposit_total=money, trades_30d=trades)
    assert settle(Place(1), numbers, LADDER, NOW, NEWS)[0].rung_id == place.rung_id


@given(counts, counts)
def test_more_never_means_a_lower_rung(few, more):
    low, high = sorted((few, more))
    rungs = [
        settle(Place(), figures(trades_30d=n), LADDER, NOW)[0].rung_id
        for n in (low, high)
    ]
    assert rungs == sorted(rungs)


def deposits(*amounts):
    """Return one deposit an hour as gains, and what they add up to."""
    gains = [
        (NOW - timedelta(hours=len(amounts) - n), {"deposit_total": Decimal(amount)})
        for n, amount in enumerate(amounts)
    ]
    return gains, figures(deposit_total=sum(amounts))


def test_a_climb_tells_when_each_rung_was_reached():
    gains, numbers = deposits(400, 200, 5000)
    moves = climb(Place(1), numbers, gains, LADDER, NOW)
    assert [(place.rung_id, place.since) for place, _ in moves] == [
        (2, NOW - timedelta(hours=2)),
        (3, NOW - timedelta(hours=1)),
    ]
    assert moves[0][1].seen["deposit_total"] == (600, 500)


def test_what_no_event_explains_happened_now():
    moves = climb(Place(1), figures(deposit_total=700), [], LADDER, NOW)
    assert [(place.rung_id, place.since) for place, _ in moves] == [(2, NOW)]


def test_a_climb_never_begins_before_the_last_fall():
    gains, numbers = deposits(400, 200)
    [(place, _)] = climb(Place(1, NOW), numbers, gains, LADDER, NOW)
    assert place.since == NOW


@given(
    st.lists(st.integers(min_value=1, max_value=2000), min_size=1, max_size=20),
    st.data(),
)
def test_one_batch_or_many_leave_the_same_history(amounts, data):
    gains, numbers = deposits(*amounts)
    cuts = data.draw(st.sets(st.integers(min_value=1, max_value=len(amounts))))
    place, history = Place(1), []
    for end in sorted(cuts | {len(amounts)}):
        seen = figures(deposit_total=sum(amounts[:end]))
        for moved, move in climb(place, seen, gains[:end], LADDER, NOW):
            place = moved
            history.append((move.from_id, move.to_id, moved.since))
    whole = climb(Place(1), numbers, gains, LADDER, NOW)
    assert history == [(m.from_id, m.to_id, p.since) for p, m in whole]


def test_who_is_new_stands_on_the_open_rung_from_the_beginning():
    gains, numbers = deposits(600)
    moves = climb(Place(), numbers, gains, LADDER, NOW)
    assert [place.since for place, _ in moves] == [None, NOW - timedelta(hours=1)]
