"""A no that comes after queueing stops the message that waits."""

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import uuid4

import pytest

from tests.support.crowd import (
    consent,
    enqueue,
    enqueue_all,
    make_people,
    make_template,
)
from tests.support.events import event, signup
from tests.support.house import SENDERS
from tests.support.waiting import wait_until

TEMPLATE = "stopped"
STOPPED = ("blocked", "cancelled")
_tags = count(1)


@pytest.fixture(scope="module", autouse=True)
def _template(house):
    text = "Novidades, {{ first_name | default('cliente') }}. Para sair responda SAIR"
    make_template(house, TEMPLATE, "marketing", sms=text)


@pytest.fixture
def person(house):
    (partner_id,) = make_people(house, 1)
    consent(house, [partner_id], "marketing", "sms")
    return partner_id


def in_an_hour():
    later = datetime.now(UTC) + timedelta(hours=1)
    return later.strftime("%Y-%m-%d %H:%M:%S")


def queue_for_later(house, partner_id):
    """Queue a message that may leave in an hour only; ``make_due`` brings the hour."""
    tag = f"stop{next(_tags)}"
    (message_id,) = enqueue_all(
        house, [partner_id], TEMPLATE, "sms", tag, not_before=in_an_hour()
    )
    return message_id


def phone_of(house, partner_id):
    domain = [("id", "=", partner_id)]
    return house.admin.read("res.partner", domain, ["phone_sanitized"])[0][
        "phone_sanitized"
    ]


def assert_blocked(house, message_id, partner_id):
    house.make_due(message_id)
    message = house.wait_for_state(message_id, *STOPPED, "delivered")
    assert message["state"] in STOPPED
    phone = phone_of(house, partner_id)
    assert house.sandbox.messages(to=phone, direction="outbound-api") == []


def test_with_consent_the_message_that_waited_leaves(house, person):
    message = queue_for_later(house, person)
    house.make_due(message)
    assert house.wait_for_state(message, "delivered")


def test_a_revocation_stops_it(house, person):
    message = queue_for_later(house, person)
    consent(house, [person], "marketing", "sms", granted=False)
    assert_blocked(house, message, person)


def test_a_stop_word_stops_it(house, person):
    message = queue_for_later(house, person)
    sender = SENDERS["sandbox-sms"]
    url = f"{house.url}/veloc/webhook/twilio/sandbox-sms"
    phone = phone_of(house, person)
    assert house.sandbox.say(phone, sender, "SAIR", url=url) == 204
    house.wait_for_opt_out(person, "sms")
    assert_blocked(house, message, person)


def test_a_self_exclusion_stops_it(house, api):
    ref = f"excluded-{uuid4().hex[:8]}"
    api.send(signup(ref))
    fields = ["partner_id"]
    trader = wait_until(
        lambda: house.admin.read("veloc.trader", [("external_ref", "=", ref)], fields),
        what="the trader",
    )[0]
    partner_id = trader["partner_id"][0]
    message = queue_for_later(house, partner_id)
    api.send(event("self_excluded", ref))
    house.make_due(message)
    assert house.wait_for_state(message, *STOPPED, "delivered")["state"] in STOPPED


def test_without_consent_it_is_not_even_queued(house):
    (partner_id,) = make_people(house, 1)
    (answer,) = enqueue(house, [partner_id], TEMPLATE, "sms", "never")
    assert answer["outcome"] == "refused"
    assert answer["reason"] == "no_consent"


def test_the_same_key_twice_is_one_message(house, person):
    (first,) = enqueue(house, [person], TEMPLATE, "sms", "same-key")
    (second,) = enqueue(house, [person], TEMPLATE, "sms", "same-key")
    assert (first["outcome"], second["outcome"]) == ("queued", "duplicate")
    assert house.wait_for_state(first["message_id"], "delivered")
    phone = phone_of(house, person)
    sent = house.sandbox.messages(to=phone, direction="outbound-api")
    assert len(sent) == 1
