"""WhatsApp through Meta's Cloud API: the sandbox plays Meta, the rest is real."""

from itertools import count

import pytest
import requests

from tests.support.crowd import consent, enqueue, enqueue_all, make_people
from tests.support.sandbox import META
from tests.support.waiting import wait_until

TEMPLATE, PROMOTION, WORDS = "wa-notice", "wa-promotion", "wa-words"
NUMBER = "whatsapp:+5511940000003"
REFUSALS = "SELECT coalesce(sum(count), 0) FROM veloc_webhook_refusal"
_tags = count(1)


@pytest.fixture(scope="module", autouse=True)
def _meta_comes_first(house):
    """Let new WhatsApp messages leave through Meta, for this module only."""
    accounts = house.manager.search("veloc.account", [("code", "=", "sandbox-cloud")])
    house.manager.write("veloc.account", accounts, {"sequence": 1})
    yield
    house.manager.write("veloc.account", accounts, {"sequence": 25})


@pytest.fixture(scope="module", autouse=True)
def _templates(house, _meta_comes_first):
    text = "Oi, {{ first_name | default('tudo bem') }}! Pedido {{ reference }} chegou."
    named = {"content_variables": "first_name, reference", "category": "UTILITY"}
    make_text(
        house, TEMPLATE, "account_service", text, template_name="wa_notice", **named
    )
    stop = "Oi, {{ first_name | default('tudo bem') }}! Novidades. SAIR para parar."
    marketing = {"template_name": "wa_promotion", "category": "MARKETING"}
    marketing["content_variables"] = "first_name"
    make_text(house, PROMOTION, "marketing", stop, **marketing)
    make_text(house, WORDS, "account_service", "Pedido {{ reference }} chegou hoje.")


def make_text(house, code, purpose, body, **values):
    """Make and approve a template with one WhatsApp text."""
    rpc = house.manager
    (purpose_id,) = rpc.search("veloc.purpose", [("code", "=", purpose)])
    text = {"channel": "whatsapp", "lang": "pt_BR", "body": body, **values}
    rpc.create(
        "veloc.template",
        {
            "name": code,
            "code": code,
            "purpose_id": purpose_id,
            "lane": "urgent",
            "version_ids": [(0, 0, {"body_ids": [(0, 0, text)]})],
        },
    )
    domain = [("template_id.code", "=", code)]
    version = rpc.search("veloc.template.version", domain)
    rpc.call("veloc.template.version", "action_request_approval", version)
    house.admin.call("veloc.template.version", "action_approve", version)


@pytest.fixture
def person(house):
    (partner_id,) = make_people(house, 1)
    (partner,) = house.admin.read(
        "res.partner", [("id", "=", partner_id)], ["phone_sanitized"]
    )
    return {"id": partner_id, "to": f"whatsapp:{partner['phone_sanitized']}"}


@pytest.fixture
def send(house, person):
    """Return a function that queues one message for the person; it gives the id."""

    def send(template=TEMPLATE):
        tag = f"cloud{next(_tags)}"
        (message_id,) = enqueue_all(house, [person["id"]], template, "whatsapp", tag)
        return message_id

    return send


def accepted(house, person):
    return house.sandbox.messages(to=person["to"], direction="outbound-api")


def until_read(house, message_id):
    """Return the message once it was read; folding is hurried, as a report that comes
    while the job ends waits for its interval.
    """

    def is_read():
        message = house.message(message_id)
        if message["state"] == "read":
            return message
        house.fold()
        return None

    return wait_until(is_read, 60, 0.5, "the message to be read")


def test_a_template_is_accepted_delivered_and_read(house, person, send):
    message = send()

    seen = until_read(house, message)

    (kept,) = accepted(house, person)
    assert (kept["api"], kept["sid"]) == ("graph", seen["provider_ref"])
    assert kept["template"]["name"] == "wa_notice"
    assert kept["template"]["lang"] == "pt_BR"
    first, reference = kept["template"]["parameters"].values()
    assert (first, reference.startswith("cloud")) == ("Marta", True)
    outcomes = {outcome for _status, outcome in kept["callbacks"]}
    assert outcomes <= {200}


def test_many_reports_come_in_few_signed_batches(house):
    people = make_people(house, 40)
    before = house.sandbox.stats().get("callbacks", 0)

    ids = enqueue_all(house, people, TEMPLATE, "whatsapp", f"cloud{next(_tags)}")

    for message_id in ids:
        until_read(house, message_id)
    assert house.sandbox.stats()["callbacks"] - before < 120
    assert house.sandbox.stats()["doubled_keys"] == []


@pytest.mark.parametrize("kind", ["drop_after_accept", "html_500_after_accept"])
def test_a_lost_answer_is_settled_by_the_first_report(house, person, send, kind):
    house.sandbox.fault(kind, count=1, match={"to": person["to"]})

    message = send()

    settled = until_read(house, message)
    (kept,) = accepted(house, person)
    assert settled["provider_ref"] == kept["sid"]


def test_what_nobody_reports_stays_in_doubt_and_is_never_sent_again(
    house, person, send
):
    match = {"to": person["to"]}
    house.sandbox.fault("no_callback", match=match)
    house.sandbox.fault("drop_after_accept", count=1, match=match)

    message = send()

    house.wait_for_state(message, "in_doubt")
    house.settle(message)
    house.dispatch()
    assert house.message(message)["state"] == "in_doubt"
    assert len(accepted(house, person)) == 1


def test_too_many_requests_is_tried_again(house, person, send):
    house.sandbox.fault("rate_limit", count=1, match={"to": person["to"]})

    message = send()

    house.hurry(message)
    until_read(house, message)
    assert len(accepted(house, person)) == 1


def test_a_paused_template_fails_and_the_account_goes_on(house, person, send):
    refusal = {"code": 132015, "match": {"to": person["to"]}}
    house.sandbox.fault("refuse", count=1, **refusal)

    message = send()

    failed = house.wait_for_state(message, "failed")
    assert failed["failure_code"] == "132015"
    domain = [("code", "=", "sandbox-cloud")]
    (account,) = house.manager.read("veloc.account", domain, ["state"])
    assert account["state"] == "active"


def test_free_text_needs_an_open_window(house, person, send):
    message = send(WORDS)
    refused = house.wait_for_state(message, "blocked")  # WhatsApp is not even asked
    reason = (refused["failure_class"], refused["failure_code"])
    assert reason == ("window", "window_closed")

    assert house.sandbox.say(person["to"], NUMBER, "Oi, tudo bem?") == 200
    has_written = [("partner_id", "=", person["id"]), ("kind", "=", "inbound")]
    understood = lambda: house.manager.count("veloc.provider.event", has_written)  # noqa: E731
    wait_until(understood, 60, 0.2, "the words to be understood")
    until_read(house, send(WORDS))


def test_a_button_that_says_stop_stops(house, person, send):
    consent(house, [person["id"]], "marketing", "whatsapp")
    until_read(house, send(PROMOTION))
    button = {"type": "button", "button": {"payload": "OPTOUT", "text": "Não quero"}}

    assert house.sandbox.say(person["to"], NUMBER, "Não quero", message=button) == 200

    house.wait_for_opt_out(person["id"], "whatsapp")
    tag = f"cloud{next(_tags)}"
    (answer,) = enqueue(house, [person["id"]], PROMOTION, "whatsapp", tag)
    assert answer["outcome"] == "refused"


def test_the_handshake_answers_only_who_knows_the_word(house):
    url = f"{house.url}/veloc/webhook/whatsapp/sandbox-cloud"
    assert house.sandbox.post("graph/subscribe", url=url) == {"subscribed": True}

    query = {"hub.mode": "subscribe", "hub.challenge": "7", "hub.verify_token": "x"}
    assert requests.get(url, params=query, timeout=30).status_code == 403
    query["hub.verify_token"] = META["SANDBOX_VERIFY_TOKEN"]
    assert requests.get(url, params=query, timeout=30).text == "7"


def test_a_call_without_the_app_s_signature_is_refused_and_counted(house):
    url = f"{house.url}/veloc/webhook/whatsapp/sandbox-cloud"
    before = house.database.value(REFUSALS)

    for headers in ({}, {"X-Hub-Signature-256": "sha256=" + "0" * 64}):
        body = b'{"object": "whatsapp_business_account", "entry": []}'
        headers["Content-Type"] = "application/json"
        answer = requests.post(url, data=body, headers=headers, timeout=30)
        assert answer.status_code == 403

    assert house.database.value(REFUSALS) == before + 2
