import itertools

import pytest

from odoo.addons.veloc_messaging.rules import message_state as ms

FINAL = {"read", "blocked", "expired", "cancelled"}


def test_what_is_final_stays():
    for current, target in itertools.product(FINAL, ms.STATES):
        assert not ms.can_move(current, target)


def test_nothing_goes_back_once_the_provider_has_it():
    taken = ("accepted", "sent", "delivered", "read")
    for later, earlier in itertools.combinations(reversed(taken), 2):
        assert not ms.can_move(later, earlier)
    assert not any(ms.can_move(state, "queued") for state in taken)
    assert not any(ms.can_move(state, "in_doubt") for state in taken)


def test_only_a_queued_message_can_be_claimed_blocked_or_cancelled():
    for target in ("sending", "blocked", "cancelled"):
        assert ms.sources(target) == ("queued",)


def test_a_lost_send_can_be_settled_either_way():
    for target in ("queued", "accepted", "sent", "delivered", "read", "failed"):
        assert ms.can_move("in_doubt", target)


def test_sources_and_moves_say_the_same():
    for current, target in itertools.product(ms.STATES, ms.STATES):
        assert (current in ms.sources(target)) is ms.can_move(current, target)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("queued", "accepted"),
        ("scheduled", "accepted"),
        ("sending", "accepted"),
        ("sent", "sent"),
        ("Delivered", "delivered"),
        ("read", "read"),
        ("undelivered", "undelivered"),
        ("canceled", "failed"),
        ("partially_delivered", "sent"),
        ("played", "read"),
        ("", None),
    ],
)
def test_words_of_the_provider(word, state):
    assert ms.from_provider(word) == state


@pytest.mark.parametrize("reports", [["sent", "delivered"], ["delivered", "sent"]])
def test_receipts_in_any_order_end_the_same(reports):
    assert ms.fold("accepted", reports) == ("delivered", False)


@pytest.mark.parametrize(
    "reports", list(itertools.permutations(["sent", "delivered", "read"]))
)
@pytest.mark.parametrize("current", ["sending", "accepted", "in_doubt"])
def test_read_wins_whatever_comes_first(current, reports):
    assert ms.fold(current, reports) == ("read", False)


def test_repeated_receipts_are_harmless():
    assert ms.fold("sent", ["delivered"] * 3 + ["sent"] * 2) == ("delivered", False)


@pytest.mark.parametrize(
    ("current", "reports", "expected"),
    [
        ("accepted", ["failed", "delivered"], ("failed", True)),
        ("accepted", ["delivered", "undelivered"], ("delivered", True)),
        ("read", ["failed"], ("read", True)),
        ("undelivered", ["read"], ("undelivered", True)),
        ("undelivered", ["failed"], ("undelivered", False)),
        ("undelivered", ["sent"], ("undelivered", False)),
    ],
)
def test_the_first_end_is_kept_and_a_contradiction_flagged(current, reports, expected):
    assert ms.fold(current, reports) == expected
