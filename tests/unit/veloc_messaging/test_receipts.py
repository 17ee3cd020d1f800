"""What batches of delivery reports do, in every order."""

from datetime import datetime, timedelta
from itertools import permutations

import pytest

from odoo.addons.veloc_messaging.rules import message_state, receipts
from odoo.addons.veloc_messaging.rules.receipts import Known, Receipt

NOW = datetime(2026, 3, 11, 15, 0)
MESSAGE = Known(7, 1, "ours", "SM1", "accepted")


def receipt(id_=1, status="delivered", **values):
    given = {"account_id": 1, "reference": "ours", "provider_ref": "SM1"} | values
    return Receipt(id_, status=status, received_at=NOW, **given)


def moved(plan):
    return {
        message.id: state
        for state, pairs in plan.moves.items()
        for message, _r in pairs
    }


def test_a_report_moves_its_message():
    plan = receipts.plan([receipt()], [MESSAGE])

    assert moved(plan) == {7: "delivered"}
    assert plan.outcomes == {1: ("folded", None, 7)}
    assert (plan.conflicts, plan.failures, plan.prices) == ([], [], {})


def test_what_was_reached_on_the_way_is_told():
    items = [receipt(1, "sent"), receipt(2, "queued"), receipt(3, "delivered")]

    plan = receipts.plan(items, [MESSAGE])

    assert plan.moves == {"delivered": [(MESSAGE, items[2])]}
    assert plan.passed == {7: {"sent": items[0]}}


@pytest.mark.parametrize(
    "statuses", list(permutations(["queued", "sent", "delivered", "sent"]))
)
def test_in_any_order_the_furthest_state_stands(statuses):
    items = [receipt(n, status) for n, status in enumerate(statuses)]

    plan = receipts.plan(items, [MESSAGE])

    assert moved(plan) == {7: "delivered"}
    assert {outcome[0] for outcome in plan.outcomes.values()} == {"folded"}


@pytest.mark.parametrize("statuses", list(permutations(["sent", "delivered", "read"])))
@pytest.mark.parametrize("cut", [1, 2])
def test_it_does_not_matter_where_a_batch_ends(statuses, cut):
    state = MESSAGE.state
    items = [receipt(n, status) for n, status in enumerate(statuses)]
    for batch in (items[:cut], items[cut:]):
        plan = receipts.plan(batch, [MESSAGE._replace(state=state)])
        state = moved(plan).get(7, state)

    assert state == "read"


@pytest.mark.parametrize("state", message_state.STATES)
@pytest.mark.parametrize("status", ["queued", "sent", "delivered", "read", "failed"])
def test_a_copy_changes_nothing_more(state, status):
    once = receipts.plan([receipt(1, status)], [MESSAGE._replace(state=state)])
    after = moved(once).get(7, state)

    again = receipts.plan([receipt(2, status)], [MESSAGE._replace(state=after)])

    assert moved(again) == {}


def test_the_first_end_is_kept_and_the_contradiction_flagged():
    items = [receipt(1, "delivered"), receipt(2, "failed")]

    plan = receipts.plan(items, [MESSAGE])

    assert moved(plan) == {7: "delivered"}
    assert plan.conflicts == [7]
    assert [(m.id, r.id) for m, r in plan.failures] == [(7, 2)]


def test_our_reference_is_enough_while_the_answer_is_lost():
    message = MESSAGE._replace(provider_ref=None, state="in_doubt")

    plan = receipts.plan([receipt()], [message])

    ((known, told),) = plan.moves["delivered"]
    assert (known.provider_ref, told.provider_ref) == (None, "SM1")


def test_the_id_of_the_provider_is_enough():
    assert moved(receipts.plan([receipt(reference=None)], [MESSAGE])) == {
        7: "delivered"
    }


def test_nothing_known_is_ignored_with_its_reason():
    plan = receipts.plan([receipt()], [])

    assert plan.outcomes == {1: ("ignored", "unknown_message", None)}
    assert not plan.moves


def test_an_account_speaks_about_its_own_messages_only():
    plan = receipts.plan([receipt(account_id=2)], [MESSAGE])

    assert plan.outcomes[1][:2] == ("ignored", "unknown_message")


def test_a_report_about_an_earlier_send_is_ignored():
    plan = receipts.plan([receipt(provider_ref="SM0")], [MESSAGE])

    assert plan.outcomes == {1: ("ignored", "earlier_send", 7)}


@pytest.mark.parametrize("status", ["teleported", "", None])
def test_a_status_nobody_knows_is_not_understood(status):
    plan = receipts.plan([receipt(status=status)], [MESSAGE])

    assert plan.outcomes == {1: ("not_understood", "status", 7)}


def test_a_price_is_kept_though_the_state_is_old_news():
    priced = receipt(status="sent", price_category="utility", is_billable=False)

    plan = receipts.plan([priced], [MESSAGE._replace(state="read")])

    assert plan.prices == {7: priced}
    assert not plan.moves


@pytest.mark.parametrize(
    ("told", "believed"),
    [
        (None, NOW),
        (NOW - timedelta(minutes=5), NOW - timedelta(minutes=5)),
        (NOW + timedelta(seconds=1), NOW),
        (NOW - timedelta(days=4), NOW),
    ],
)
def test_a_clock_is_believed_within_reason(told, believed):
    assert receipt(occurred_at=told).at == believed


def test_many_messages_at_once():
    known = [
        MESSAGE._replace(id=n, reference=f"r{n}", provider_ref=f"SM{n}")
        for n in range(50)
    ]
    items = [
        receipt(
            n, "sent" if n % 2 else "failed", reference=f"r{n}", provider_ref=f"SM{n}"
        )
        for n in range(50)
    ]

    plan = receipts.plan(items, known)

    assert len(plan.moves["sent"]) == len(plan.moves["failed"]) == 25
    assert len(plan.failures) == 25
