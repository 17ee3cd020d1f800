"""Web push and calls on the real road: subscribe, send, see, click, be gone."""

import json
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests
from playwright.sync_api import expect

from tests.support.crowd import enqueue, enqueue_all, make_people, make_template
from tests.support.waiting import wait_until

CALL_TEXT = "Oi, é sobre o pedido {{ reference }}."


@pytest.fixture(scope="module")
def templates(house):
    make_template(house, "push-e2e", "account_service", push="Pedido {{ reference }}")
    make_template(house, "call-e2e", "account_service", call=CALL_TEXT)


@pytest.fixture
def page_url(house):
    """Return a new trader and the address of their notification page."""
    (partner_id,) = make_people(house, 1)
    action = house.web("e2e_manager").call(
        "res.partner", "action_veloc_open_preferences", [partner_id]
    )
    path = action["url"].replace("/veloc/preferences/", "/veloc/push/")
    return partner_id, f"{house.url}{path}"


def subscribe(house, url, allow=()):
    """Turn notifications on in a browser of the sandbox; return its name."""
    name = f"b-{uuid4().hex[:8]}"
    subscription = house.sandbox.post("push/subscriptions", name=name)
    wish = {"action": "subscribe", "subscription": subscription}
    wish |= {"shown": ["marketing:1"], "allow": list(allow)}
    answer = requests.post(url, json=wish, timeout=20)
    assert answer.status_code == 200, answer.text
    return name


def pushes(house, name):
    return house.sandbox.get("pushes", name=name)["pushes"]


def wait_for(house, message_id, *states):
    query = "SELECT state FROM veloc_message WHERE id = %s"

    def reached():
        state = house.database.value(query, message_id)
        return state if state in states else None

    return wait_until(reached, 60, what=f"the message to be {states}")


@pytest.mark.usefixtures("templates")
def test_a_push_is_read_by_the_browser_and_its_reports_move_the_message(
    house, page_url
):
    partner_id, url = page_url
    name = subscribe(house, url)

    (message_id,) = enqueue_all(house, [partner_id], "push-e2e", "push", "push")

    assert wait_for(house, message_id, "delivered") == "delivered"
    (entry,) = pushes(house, name)
    assert entry["told"]["body"] == f"Pedido push-{partner_id}"
    house.sandbox.post("push/react", id=entry["id"], event="click")
    assert wait_for(house, message_id, "read") == "read"


@pytest.mark.usefixtures("templates")
def test_a_browser_that_is_gone_is_not_written_to_again(house, page_url):
    partner_id, url = page_url
    name = subscribe(house, url)
    house.sandbox.post("push/expire", name=name)

    (message_id,) = enqueue_all(house, [partner_id], "push-e2e", "push", "gone")

    wait_for(house, message_id, "failed")
    query = "SELECT state FROM veloc_push_subscription WHERE partner_id = %s"
    assert house.database.value(query, partner_id) == "gone"
    (answer,) = enqueue(house, [partner_id], "push-e2e", "push", "again")
    assert (answer["outcome"], answer["reason"]) == ("refused", "no_address")


@pytest.mark.usefixtures("templates")
def test_a_call_is_a_task_and_its_outcome_the_state(house):
    (partner_id,) = make_people(house, 1)
    (message_id,) = enqueue_all(house, [partner_id], "call-e2e", "call", "call")
    domain = [("message_id", "=", message_id)]
    manager = house.manager
    (call,) = wait_until(
        lambda: manager.read("veloc.call", domain, ["state", "script", "why_not"]),
        60,
        what="the call",
    )
    assert call["script"] == f"Oi, é sobre o pedido call-{partner_id}."

    action = manager.call("veloc.call", "action_start", [call["id"]])
    assert action["url"].startswith("tel:+55")
    manager.call("veloc.call", "action_reached", [call["id"]])

    assert wait_for(house, message_id, "delivered") == "delivered"


# === A REAL BROWSER === #


@pytest.fixture
def visit(browser, house, page_url):
    """Return the trader's page in Chromium, notifications allowed."""
    partner_id, url = page_url
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="pt-BR"
    )
    context.grant_permissions(["notifications"], origin=house.url)
    page = context.new_page()
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on(
        "console",
        lambda line: page.errors.append(line.text) if line.type == "error" else None,
    )
    page.goto(url)
    yield partner_id, page
    context.close()


def test_the_page_explains_asks_and_can_be_used_with_a_keyboard(visit, screenshots):
    _partner_id, page = visit
    expect(page.get_by_role("heading", level=1)).to_contain_text("Notificações")
    button = page.get_by_role("button", name="Ativar notificações")
    expect(button).to_be_visible()
    for box in page.get_by_role("checkbox").all():
        expect(box).not_to_be_checked()
    first = page.get_by_role("checkbox").first
    first.focus()
    page.keyboard.press("Space")
    expect(first).to_be_checked()
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert page.evaluate(outline) != "none"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.screenshot(path=screenshots / "phone-notifications.png", full_page=True)
    assert page.errors == []


def _worker(page, house):
    """Register our worker; return its DevTools session and registration id."""
    session = page.context.new_cdp_session(page)
    found = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(event["registrations"]),
    )
    session.send("ServiceWorker.enable")
    page.evaluate(
        "navigator.serviceWorker.register('/veloc/push/sw.js')"
        ".then(() => navigator.serviceWorker.ready).then(() => true)"
    )
    scope = f"{house.url}/veloc/push/"
    ids = [r["registrationId"] for r in found if r["scopeURL"] == scope]
    assert ids, found
    return session, ids[0]


@pytest.mark.usefixtures("templates")
def test_the_worker_shows_the_message_and_reports_it(house, visit):
    partner_id, page = visit
    name = subscribe(house, page.url)
    house.sandbox.fault("no_callback", match={"to": name})
    (message_id,) = enqueue_all(house, [partner_id], "push-e2e", "push", "worker")
    wait_for(house, message_id, "accepted", "sent")
    told = wait_until(lambda: pushes(house, name), what="the push")[0]["told"]
    session, registration = _worker(page, house)

    session.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": house.url, "registrationId": registration, "data": json.dumps(told)},
    )

    assert wait_for(house, message_id, "delivered") == "delivered"
    shown = page.evaluate(
        "navigator.serviceWorker.ready.then((r) => r.getNotifications())"
        ".then((all) => all.map((n) => [n.title, n.body, n.tag]))"
    )
    assert shown == [["Veloc Broker", f"Pedido worker-{partner_id}", told["tag"]]]


def test_the_worker_opens_our_pages_and_known_hosts_only(house):
    source = requests.get(f"{house.url}/veloc/push/sw.js", timeout=20).text
    assert json.dumps(urlsplit(house.url).netloc) in source
    assert "HOSTS.includes(host)" in source
