"""The provider fails in every known way: nothing is lost, nothing leaves twice."""

from itertools import count

import pytest

from tests.support.crowd import enqueue, enqueue_all, make_people, make_template
from tests.support.waiting import wait_until

TEMPLATE = "faults"
_tags = count(1)


@pytest.fixture(scope="module", autouse=True)
def _template(house):
    make_template(house, TEMPLATE, "account_service", sms="Pedido {{ reference }}")


@pytest.fixture
def person(house):
    (partner_id,) = make_people(house, 1)
    (partner,) = house.admin.read(
        "res.partner", [("id", "=", partner_id)], ["phone_sanitized"]
    )
    return {"id": partner_id, "phone": partner["phone_sanitized"]}


@pytest.fixture
def send(house, person):
    """Return a function that queues one SMS for the person and gives its id."""

    def send():
        tag = f"fault{next(_tags)}"
        return enqueue_all(house, [person["id"]], TEMPLATE, "sms", tag)[0]

    return send


def accepted(house, person):
    return house.sandbox.messages(to=person["phone"], direction="outbound-api")


def test_too_many_requests_is_tried_again_after_retry_after(house, person, send):
    match = {"to": person["phone"]}
    house.sandbox.fault("rate_limit", count=1, retry_after=1, match=match)
    message = send()
    house.hurry(message)
    house.wait_for_state(message, "delivered")
    assert len(accepted(house, person)) == 1


def test_wrong_credentials_pause_the_account_and_lose_nothing(house, person, send):
    house.sandbox.fault("unauthorized")
    message = send()
    domain = [("code", "=", "sandbox-sms")]

    def account():
        fields = ["state", "pause_reason"]
        return house.manager.read("veloc.account", domain, fields)[0]

    wait_until(lambda: account()["state"] == "paused", what="the account to pause")
    assert account()["pause_reason"]
    assert house.message(message)["state"] == "queued"
    house.sandbox.clear_faults()
    assert accepted(house, person) == []

    account_ids = house.manager.search("veloc.account", domain)
    house.press("veloc.account", "action_resume", account_ids)
    house.make_due(message)
    house.wait_for_state(message, "delivered")
    assert len(accepted(house, person)) == 1


@pytest.mark.parametrize(
    "kind", ["html_500_after_accept", "drop_after_accept", "hang_after_accept"]
)
def test_an_answer_that_is_lost_after_accepting_never_sends_twice(
    house, person, send, kind
):
    match = {"to": person["phone"]}
    house.sandbox.fault(kind, count=1, seconds=20, match=match)
    message = send()
    house.wait_for_state(message, "delivered", "sent", timeout=60)
    assert len(accepted(house, person)) == 1


@pytest.mark.parametrize("kind", ["html_500_after_accept", "drop_after_accept"])
def test_a_lost_answer_without_callbacks_is_settled_by_a_look_up(
    house, person, send, kind
):
    match = {"to": person["phone"]}
    house.sandbox.fault("no_callback", match=match)
    house.sandbox.fault(kind, count=1, match=match)
    message = send()
    house.wait_for_state(message, "in_doubt")
    house.settle(message)
    settled = house.wait_for_state(message, "delivered", "sent", "accepted")
    (kept,) = accepted(house, person)
    assert settled["provider_ref"] == kept["sid"]


@pytest.mark.parametrize("kind", ["html_500", "drop"])
def test_a_send_that_never_arrived_is_repeated_on_proof(house, person, send, kind):
    match = {"to": person["phone"]}
    house.sandbox.fault(kind, count=1, match=match)
    message = send()
    house.wait_for_state(message, "in_doubt")
    house.settle(message)
    house.wait_for_state(message, "queued")
    house.hurry(message)
    house.wait_for_state(message, "delivered", timeout=60)
    assert len(accepted(house, person)) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "duplicate_callback", "times": 3},
        {"kind": "reversed_callback"},
        {"kind": "late_callback", "seconds": 1},
    ],
    ids=lambda fault: fault["kind"],
)
def test_callbacks_that_misbehave_end_in_delivered(house, person, send, fault):
    house.sandbox.fault(match={"to": person["phone"]}, **fault)
    message = send()
    house.wait_for_state(message, "delivered")
    (kept,) = accepted(house, person)
    wait_until(lambda: len(house.sandbox.messages(key=kept["key"])[0]["callbacks"]) > 1)
    house.fold()
    assert house.message(message)["state"] == "delivered"
    assert not house.message(message)["has_conflict"]


def test_an_undelivered_message_says_why(house, person, send):
    match = {"to": person["phone"]}
    house.sandbox.fault("undelivered", code=30005, match=match)
    message = send()
    house.wait_for_state(message, "undelivered", "failed")
    assert house.message(message)["failure_code"] == "30005"


def test_a_refused_number_fails_at_once_with_twilios_code(house, person, send):
    house.sandbox.fault("refuse", code=21211, match={"to": person["phone"]})
    message = send()
    house.wait_for_state(message, "failed")
    assert house.message(message)["failure_code"] == "21211"
    assert house.message(message)["attempts"] == 1


@pytest.mark.parametrize("word", ["STOP", "SAIR", "parar"])
def test_a_stop_reply_revokes_and_the_next_message_is_refused(
    house, person, send, word
):
    house.sandbox.fault("stop_reply", body=word, match={"to": person["phone"]})
    message = send()
    house.wait_for_state(message, "delivered")
    house.wait_for_opt_out(person["id"], "sms")
    (answer,) = enqueue(house, [person["id"]], "faults-promo", "sms", f"after-{word}")
    assert answer["outcome"] == "refused"


@pytest.fixture(scope="module", autouse=True)
def _promotion(house):
    text = "Novidades da Veloc. Para sair responda SAIR"
    make_template(house, "faults-promo", "marketing", sms=text)


def test_a_provider_that_says_opted_out_is_believed(house, person, send):
    house.sandbox.fault("refuse", code=21610, match={"to": person["phone"]})
    message = send()
    house.wait_for_state(message, "failed", "blocked")
    house.wait_for_opt_out(person["id"], "sms")


def test_a_callback_without_a_valid_signature_is_refused_and_counted(house):
    count_refusals = "SELECT coalesce(sum(count), 0) FROM veloc_webhook_refusal"
    before = house.database.value(count_refusals)
    url = f"{house.url}/veloc/webhook/twilio/sandbox-sms"
    answer = house.post(url, {"MessageSid": "SM1"}, {"X-Twilio-Signature": "forged"})
    assert answer.status_code == 403
    answer = house.post(f"{house.url}/veloc/webhook/twilio/nobody", {}, {})
    assert answer.status_code == 404
    assert house.database.value(count_refusals) == before + 2
