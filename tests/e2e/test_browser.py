"""The same road in the web client, at a desk and on a phone."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.support.events import event, signup
from tests.support.visitor import RECORDS, SIZES, visit
from tests.support.waiting import wait_until

# The house may speak Portuguese or English to the analyst.
DEPOSIT = re.compile("Deposit|Depósito")
ACTIVATION = re.compile("Activation|Ativação")
TRADERS = "veloc_crm.veloc_trader_action"
CADENCES = "veloc_crm.veloc_cadence_action"
MESSAGES = "veloc_messaging.veloc_message_action"


@pytest.fixture(scope="module")
def trader(house, api):
    """Return the reference of a trader with events, decisions and messages."""
    ref = f"screen-{uuid4().hex[:8]}"
    api.send(signup(ref, name="Helena Prado"))
    api.send(event("deposit_approved", ref, amount="250.00"))
    count = (
        "SELECT count(*) FROM veloc_message m JOIN veloc_trader t USING (partner_id) "
    )
    count += "WHERE t.external_ref = %s AND m.state = 'sent'"
    wait_until(lambda: house.database.value(count, ref) >= 2, 60, what="e-mails")
    return ref


@pytest.fixture(params=SIZES, scope="module")
def visitor(request, browser, house, trader, screenshots):
    """Return an analyst who is logged in, once per screen size."""
    visitor = visit(browser, request.param, house.url, "e2e_analyst", screenshots)
    yield visitor
    visitor.leave()


def test_the_app_opens_on_its_traders(visitor):
    visitor.open(TRADERS)
    expect(visitor.page.locator(".o_main_navbar")).to_be_visible()
    visitor.picture("traders")
    assert visitor.is_as_wide_as_the_screen()
    assert visitor.errors == []


def test_a_trader_shows_who_they_are_and_their_timeline(visitor):
    visitor.open(TRADERS)
    visitor.page.locator(RECORDS, has_text="Helena Prado").first.click()
    visitor.page.wait_for_selector(".o_form_view")
    form = visitor.page.locator(".o_form_view")
    expect(form).to_contain_text("Helena Prado")
    table = form.get_by_role("table").filter(has_text="WhatsApp").first
    box = "table => table.parentElement.scrollWidth - table.parentElement.clientWidth"
    assert table.evaluate(box) <= 0, "a channel is cut off"
    visitor.picture("trader")
    visitor.press_stat_button("action_open_timeline")
    visitor.page.wait_for_selector(RECORDS)
    expect(visitor.page.locator(".o_content").last).to_contain_text(DEPOSIT)
    visitor.picture("timeline")
    assert visitor.is_as_wide_as_the_screen()
    assert visitor.errors == []


def test_a_cadence_shows_its_steps(visitor):
    visitor.open(CADENCES)
    visitor.picture("cadences")
    visitor.page.locator(RECORDS, has_text=ACTIVATION).first.click()
    visitor.page.wait_for_selector(".o_form_view")
    expect(visitor.page.locator(".o_form_view")).to_contain_text("D+1")
    visitor.picture("cadence")
    assert visitor.is_as_wide_as_the_screen()
    assert visitor.errors == []


def test_a_message_shows_its_text_and_state(visitor):
    visitor.open(MESSAGES)
    visitor.picture("messages")
    visitor.open_first()
    expect(visitor.page.locator(".o_form_view .o_statusbar_status")).to_be_attached()
    visitor.picture("message")
    assert visitor.is_as_wide_as_the_screen()
    assert visitor.errors == []


def test_the_sandbox_page_shows_what_left_and_takes_an_answer(
    browser, house, trader, screenshots
):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(house.sandbox.url)
    expect(page.get_by_role("heading", level=1)).to_contain_text("sandbox")
    email = page.get_by_text(f"to {trader}@example.com").first
    expect(email).to_be_visible()
    page.screenshot(path=screenshots / "phone-sandbox.png")
    page.close()
