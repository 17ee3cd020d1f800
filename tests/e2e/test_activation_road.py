"""The main road: a sign-up becomes a delivered, explained message; then a deposit."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tests.support.events import event, new_phone, signup
from tests.support.waiting import wait_until

ARRIVED = {"email": ("sent",), "sms": ("delivered",)}
IS_ACTIVATION = ("cadence_id.code", "=", "activation")


@pytest.fixture(scope="module")
def trader(house, api):
    """Sign a person up over HTTP and return what the house knows of them."""
    ref, phone = f"road-{uuid4().hex[:8]}", new_phone()
    api.send(signup(ref, name="Marina Souza", phone=phone))
    fields = ["partner_id", "stage", "external_ref"]
    found = house.rpc("e2e_agent").read(
        "veloc.trader", [("external_ref", "=", ref)], fields
    )
    assert len(found) == 1
    return found[0] | {"ref": ref, "phone": phone, "partner": found[0]["partner_id"][0]}


def messages_of(house, trader):
    """Return the trader's messages as an agent sees them."""
    fields = ["state", "channel", "provider_ref", "source", "purpose_id", "body"]
    domain = [("partner_id", "=", trader["partner"])]
    return house.rpc("e2e_agent").read("veloc.message", domain, fields, order="id")


def wait_for(house, trader, number):
    """Return the trader's messages as soon as so many of them have arrived."""

    def arrived():
        rows = messages_of(house, trader)
        done = [row for row in rows if row["state"] in ARRIVED[row["channel"]]]
        return rows if len(done) == len(rows) == number else None

    return wait_until(arrived, 60, what=f"{number} messages to arrive")


@pytest.fixture(scope="module")
def delivered(house, trader):
    """Let the trader live through the first two days; return the messages."""
    wait_for(house, trader, 2)
    house.travel(trader["partner"], hours=24, minutes=1)
    wait_for(house, trader, 3)
    house.travel(trader["partner"], hours=24)
    return wait_for(house, trader, 4)


def test_the_sign_up_makes_a_trader_with_a_contact(house, trader):
    assert trader["stage"] == "signup"
    (partner,) = house.rpc("e2e_agent").read(
        "res.partner", [("id", "=", trader["partner"])], ["name", "phone_sanitized"]
    )
    assert partner["name"] == "Marina Souza"
    assert partner["phone_sanitized"] == trader["phone"]


def test_confirmation_who_we_are_and_the_offer_arrive_in_that_order(delivered):
    channels = [row["channel"] for row in delivered]
    assert channels == ["email", "email", "email", "sms"]
    purposes = [row["purpose_id"][1] for row in delivered]
    assert purposes[0] == purposes[1] != purposes[2] == purposes[3]


def test_what_left_is_what_the_provider_accepted(house, trader, delivered):
    sids = {row["provider_ref"] for row in delivered if row["channel"] != "email"}
    accepted = house.sandbox.messages(to=trader["phone"])
    assert [m["sid"] for m in accepted] == list(sids)
    assert [m["body"] for m in accepted] == [delivered[-1]["body"]]
    emails = house.sandbox.emails(to=f"{trader['ref']}@example.com")
    assert len(emails) == 3


def test_the_first_message_speaks_portuguese_to_the_person(delivered):
    text = " ".join(row["body"] for row in delivered)
    assert "Marina" in text
    assert "False" not in text
    assert "{{" not in text


def test_every_message_is_explained(house, trader, delivered):
    trail = house.rpc("e2e_agent").call("veloc.trader", "explain", trader["partner"])
    text = str(trail)
    assert "sent" in text
    for row in delivered:
        assert str(row["id"]) in text


def test_there_is_a_decision_row_behind_each_message(house, trader, delivered):
    fields = ["verdict", "reason", "basis", "message_id"]
    domain = [("partner_id", "=", trader["partner"])]
    decisions = house.rpc("e2e_agent").read("veloc.decision", domain, fields)
    sent = {
        row["message_id"][0]
        if isinstance(row["message_id"], list)
        else row["message_id"]
        for row in decisions
        if row["verdict"] == "sent"
    }
    assert sent == {row["id"] for row in delivered}
    assert all(row["basis"] for row in decisions if row["verdict"] == "sent")


def test_the_timeline_shows_events_decisions_and_messages(house, trader, delivered):
    domain = [("trader_id", "=", trader["id"])]
    kinds = {
        row["kind"]
        for row in house.rpc("e2e_agent").read("veloc.timeline", domain, ["kind"])
    }
    assert {"event", "decision", "message"} <= kinds


@pytest.fixture(scope="module")
def after_deposit(house, api, trader, delivered):
    api.send(event("deposit_approved", trader["ref"], amount="150.00"))

    def ended():
        fields = ["state", "exit_reason", "is_converted"]
        domain = [("partner_id", "=", trader["partner"]), IS_ACTIVATION]
        rows = house.rpc("e2e_agent").read("veloc.enrolment", domain, fields)
        return rows if all(row["state"] != "active" for row in rows) else None

    return wait_until(ended, 30, what="the activation cadence to end")


def test_the_first_deposit_ends_the_activation_cadence(house, trader, after_deposit):
    (activation,) = after_deposit
    assert (activation["state"], activation["exit_reason"]) == ("exited", "goal")
    assert activation["is_converted"]
    stage = house.rpc("e2e_agent").read(
        "veloc.trader", [("id", "=", trader["id"])], ["stage", "deposit_count"]
    )[0]
    assert stage["stage"] in ("first_deposit", "active")
    assert stage["deposit_count"] == 1


def test_the_deposit_itself_is_confirmed_with_its_amount(house, trader, after_deposit):
    def confirmed():
        domain = [("partner_id", "=", trader["partner"])]
        rows = house.rpc("e2e_agent").read("veloc.message", domain, ["body", "state"])
        return [row for row in rows if "150,00" in row["body"]]

    assert wait_until(confirmed, 30, what="the confirmation of the deposit")


def test_a_late_event_of_the_past_is_folded_without_a_message(house, api, trader):
    before = house.database.value("SELECT count(*) FROM veloc_message")
    old = datetime.now(UTC) - timedelta(days=400)
    api.send(event("deposit_approved", trader["ref"], old, amount="10.00"))
    (row,) = house.rpc("e2e_agent").read(
        "veloc.trader", [("id", "=", trader["id"])], ["deposit_count", "deposit_total"]
    )
    assert row["deposit_total"] in (10.0, 160.0)
    assert house.database.value("SELECT count(*) FROM veloc_message") >= before
