"""The deliverability screen: numbers, the messages behind them, desk and phone."""

import pytest
from playwright.sync_api import expect

from tests.support.crowd import consent, enqueue_all, make_people, make_template
from tests.support.visitor import RECORDS, SIZES, visit
from tests.support.waiting import wait_until

TEMPLATE = "counted"
ACTION = "veloc_messaging.veloc_delivery_board_action"
COUNT = 6


@pytest.fixture(scope="module")
def counted(house):
    """Return the account's id after it sent a few messages."""
    text = "Novidades, {{ first_name | default('cliente') }}. Para sair responda SAIR"
    make_template(house, TEMPLATE, "marketing", sms=text)
    people = make_people(house, COUNT)
    consent(house, people, "marketing", "sms")
    ids = enqueue_all(house, people, TEMPLATE, "sms", "counted")
    done = "SELECT count(*) FROM veloc_message WHERE id = ANY(%s) AND state = ANY(%s)"
    ends = ["sent", "delivered", "read"]
    wait_until(lambda: house.database.value(done, ids, ends) == COUNT, 60, what="sent")
    return house.manager.read("veloc.message", [("id", "in", ids)], ["account_id"])[0][
        "account_id"
    ][0]


@pytest.fixture(params=SIZES)
def visitor(request, browser, house, counted, screenshots):
    visitor = visit(browser, request.param, house.url, "e2e_manager", screenshots)
    yield visitor
    visitor.leave()


def test_the_screen_shows_every_account_and_opens_what_it_counted(
    visitor, house, counted
):
    page = visitor.page
    page.goto(f"{house.url}/odoo/action-{ACTION}")
    page.wait_for_selector(".o_veloc_curve canvas")
    domain, spoken = [("id", "=", counted)], {"lang": "pt_BR"}  # as on the screen
    name = house.manager.read("veloc.account", domain, ["name"], context=spoken)
    card = page.locator(f"[data-account='{name[0]['name']}']")
    expect(card).to_be_visible()
    visitor.picture("deliverability")
    assert visitor.is_as_wide_as_the_screen()

    page.locator("[data-hours='720']").click()
    button = card.locator("[data-measure='accepted']")
    board = house.manager.call("veloc.delivery.board", "load", 720)
    action = house.manager.call(
        "veloc.delivery.board", "open", counted, "accepted", board["since"]
    )
    number = house.manager.count("veloc.message", action["domain"])
    assert number >= COUNT
    # The numbers of the last day stand there until those of the month are loaded.
    expect(button.locator("strong")).to_have_text(str(number))
    button.scroll_into_view_if_needed()
    visitor.picture("deliverability-month")
    button.click()
    page.wait_for_selector(RECORDS)
    assert visitor.errors == []


def test_the_counts_are_those_of_the_messages(house, counted):
    board = house.manager.call("veloc.delivery.board", "load", 720)
    (mine,) = [a for a in board["accounts"] if a["id"] == counted]
    for measure in ("queued", "accepted", "delivered", "failed", "stopped"):
        action = house.manager.call(
            "veloc.delivery.board", "open", counted, measure, board["since"]
        )
        found = house.manager.count("veloc.message", action["domain"])
        assert found == mine["sums"].get(measure, 0), measure
