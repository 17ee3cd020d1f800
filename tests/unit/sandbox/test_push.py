"""The web push adapter against the sandbox's push service, byte for byte."""

from dataclasses import replace

import pytest
import requests

from odoo.addons.veloc_messaging.providers import base, vapid, web_push

SECRET = "5a" * 32
REFERENCE = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def open_provider(sandbox):
    """Return a function that opens an adapter on the sandbox."""

    def open_provider(secret=SECRET, base_url=sandbox.url):
        options = (("contact", "mailto:push@veloc.example"),)
        return web_push.WebPushProvider(
            base.Config(
                "push", "push", "push", secret=secret, base_url=base_url,
                options=options,
            )
        )  # fmt: skip

    return open_provider


@pytest.fixture
def provider(open_provider):
    return open_provider()


@pytest.fixture
def browser(sandbox):
    """Return a function that subscribes a browser of a name."""

    def browser(name="ana-phone"):
        found = sandbox.post("push/subscriptions", name=name)
        return base.Device(found["endpoint"], **found["keys"])

    return browser


def outgoing(*devices, **values):
    values = {
        "subject": "Depósito",
        "lang": "pt_BR",
        "useful_for": 90.0,
        "urgency": "high",
        "data": (("url", "https://veloc.example/l/a1"), ("reference", REFERENCE)),
        **values,
    }
    to, body = "partner:1", "Caiu: R$ 100"
    return base.Outgoing(REFERENCE, to, body, devices=devices, **values)


def taken(sandbox):
    return sandbox.get("pushes")["pushes"]


@pytest.fixture
def short_timeout(monkeypatch):
    monkeypatch.setattr(web_push, "TIMEOUT", (1.0, 0.2))


# === WHAT LEAVES === #


def test_a_browser_can_read_what_we_encrypted_for_it(sandbox, provider, browser):
    result = provider.send(outgoing(browser()))

    assert (result.kind, result.provider_ref) == (base.ACCEPTED, REFERENCE)
    (entry,) = taken(sandbox)
    assert entry["told"] == {
        "title": "Depósito",
        "body": "Caiu: R$ 100",
        "lang": "pt-BR",
        "url": "https://veloc.example/l/a1",
        "reference": REFERENCE,
    }
    assert (entry["ttl"], entry["urgency"]) == (90, "high")
    assert entry["topic"]


def test_a_repeat_takes_the_place_of_what_waits(sandbox, provider, browser):
    device = browser()
    provider.send(outgoing(device))
    provider.send(outgoing(device))
    assert [entry["replaced"] for entry in taken(sandbox)] == [True, False]


def test_each_browser_gets_its_own_encryption(sandbox, provider, browser):
    devices = browser("ana-phone"), browser("ana-laptop")
    result = provider.send(outgoing(*devices))
    assert (result.kind, result.detail) == (base.ACCEPTED, "2 of 2")
    assert [e["name"] for e in taken(sandbox)] == ["ana-phone", "ana-laptop"]


def test_more_browsers_than_fit_into_the_lease_are_not_called(
    sandbox, provider, browser
):
    devices = [browser(f"b-{n}") for n in range(web_push.MAX_DEVICES + 1)]
    provider.send(outgoing(*devices))
    assert len(taken(sandbox)) == web_push.MAX_DEVICES


# === WHAT COMES BACK === #


def test_a_browser_that_is_gone_is_named_and_the_others_are_reached(
    sandbox, provider, browser
):
    phone, laptop = browser("ana-phone"), browser("ana-laptop")
    sandbox.post("push/expire", name="ana-phone")

    result = provider.send(outgoing(phone, laptop))

    assert result.kind == base.ACCEPTED
    assert result.gone == (phone.endpoint,)


def test_when_every_browser_is_gone_the_message_failed(sandbox, provider, browser):
    device = browser()
    sandbox.post("push/expire", name="ana-phone")
    result = provider.send(outgoing(device))
    assert (result.kind, result.code) == (base.PERMANENT, "http_410")
    assert result.gone == (device.endpoint,)


@pytest.mark.parametrize(
    ("fault", "kind", "whole_account"),
    [
        ("rate_limit", base.SLOW, False),
        ("unauthorized", base.CONFIG, True),
        ("html_500", base.IN_DOUBT, False),
        ("html_500_after_accept", base.IN_DOUBT, False),
        ("drop", base.IN_DOUBT, False),
        ("drop_after_accept", base.IN_DOUBT, False),
        ("push_gone", base.PERMANENT, False),
    ],
)
def test_a_fault_of_the_service_has_its_consequence(
    sandbox, provider, browser, fault, kind, whole_account
):
    device = browser()
    sandbox.fault(fault, count=1, retry_after=7)
    result = provider.send(outgoing(device))
    assert (result.kind, result.whole_account) == (kind, whole_account)
    assert result.retry_after == (7.0 if kind == base.SLOW else None)


@pytest.mark.parametrize("fault", ["hang", "hang_after_accept"])
@pytest.mark.usefixtures("short_timeout")
def test_without_an_answer_the_outcome_is_open(sandbox, provider, browser, fault):
    device = browser()
    sandbox.fault(fault, count=1, seconds=0.6)
    assert provider.send(outgoing(device)).kind == base.IN_DOUBT


def test_one_browser_in_doubt_is_not_repeated_for_the_sake_of_another(
    sandbox, provider, browser
):
    devices = browser("a"), browser("b")
    sandbox.fault("rate_limit", count=1, match={"to": "a"})
    sandbox.fault("drop_after_accept", count=1, match={"to": "b"})
    assert provider.send(outgoing(*devices)).kind == base.IN_DOUBT


def test_a_message_that_one_browser_took_is_taken(sandbox, provider, browser):
    devices = browser("a"), browser("b")
    sandbox.fault("drop", count=1, match={"to": "a"})
    result = provider.send(outgoing(*devices))
    assert (result.kind, result.detail) == (base.ACCEPTED, "1 of 2")


def test_a_server_that_does_not_listen_never_got_it(open_provider, browser):
    device = browser()
    provider = open_provider(base_url="http://127.0.0.1:9")
    result = provider.send(replace(outgoing(device), devices=(device,)))
    assert result.kind == base.PERMANENT  # another server than the administrator's
    assert result.code == "bad_endpoint"
    own = replace(device, endpoint="http://127.0.0.1:9/push/ana-phone")
    assert provider.send(outgoing(own)).kind == base.RETRY


def test_another_key_than_the_one_subscribed_with_is_refused(
    sandbox, open_provider, provider, browser
):
    device = browser()
    provider.send(outgoing(device))
    result = open_provider(vapid.generate()).send(outgoing(device))
    assert (result.kind, result.code) == (base.CONFIG, "http_403")
    assert not result.whole_account
    assert len(taken(sandbox)) == 1


# === WHAT NEVER LEAVES === #


def test_without_a_key_the_account_is_not_ready(open_provider):
    refusal = open_provider(secret="").prepare()
    assert (refusal.kind, refusal.whole_account) == (base.CONFIG, True)


def test_a_person_without_a_browser_cannot_be_reached(provider):
    assert provider.send(outgoing()).code == "no_device"


def test_a_text_that_no_push_service_takes_is_not_tried(sandbox, provider, browser):
    message = replace(outgoing(browser()), body="ã" * 2000)
    result = provider.send(message)
    assert (result.kind, result.code) == (base.PERMANENT, "too_long")
    assert not taken(sandbox)


def test_the_longest_text_allowed_is_taken(sandbox, provider, browser):
    message = outgoing(browser(), data=(), subject="", lang="")
    told = replace(message, body="x" * (3993 - len('{"body":""}')))
    assert provider.send(told).kind == base.ACCEPTED
    assert provider.send(replace(told, body=told.body + "x")).code == "too_long"


def test_an_address_inside_our_network_is_never_called(sandbox, open_provider, browser):
    device = browser()
    provider = open_provider(base_url="")
    result = provider.send(outgoing(device))
    assert (result.kind, result.code) == (base.PERMANENT, "bad_endpoint")
    assert not taken(sandbox)


def test_keys_that_are_no_keys_cost_one_browser_only(sandbox, provider, browser):
    broken = replace(browser("a"), p256dh="AAAA")
    result = provider.send(outgoing(broken, browser("b")))
    assert (result.kind, result.detail) == (base.ACCEPTED, "1 of 2")


def test_an_option_that_push_does_not_know_is_refused_loudly(provider, browser):
    with pytest.raises(base.UnsupportedError):
        provider.send(outgoing(browser(), reply_to="x"))


def test_nothing_is_ever_proved_absent(provider):
    assert not provider.find(base.Lookup("r", "p", "b", None)).complete


# === THE SANDBOX ITSELF === #


def test_the_sandbox_shows_and_reports_like_a_browser(sandbox, provider, browser, ear):
    data = (("reference", REFERENCE), ("report", f"{ear.url}/veloc/r?key=k"))
    provider.send(outgoing(browser(), data=data))

    ear.wait(1)
    (entry,) = taken(sandbox)
    assert entry["events"] == ["shown"]
    assert ear.heard[0][0] == "/veloc/r?key=k"
    sandbox.post("push/react", id=entry["id"], event="click")
    assert len(ear.wait(2)) == 2


def test_the_sandbox_page_shows_the_text_and_buttons(sandbox, provider, browser):
    provider.send(outgoing(browser()))
    page = requests.get(sandbox.url, timeout=5).text
    assert "Caiu: R$ 100" in page
    assert 'value="click"' in page


@pytest.mark.parametrize("name", ["", "a/b", "ç", 5])
def test_the_sandbox_names_browsers_simply(sandbox, name):
    url = f"{sandbox.url}/sandbox/push/subscriptions"
    status = requests.post(url, json={"name": name}, timeout=5).status_code
    assert status == (201 if name == 5 else 400)
