"""From a form to a consent and back: what a person does in a browser, on a phone."""

import re
from html import unescape
from uuid import uuid4

import pytest
from playwright.sync_api import expect

PURPOSE = "Novidades e conteúdo de mercado"
LINK = re.compile(r"https?://[^\s\"'<>]+/veloc/confirm/[\w-]+")


@pytest.fixture(scope="module")
def address():
    return f"journey-{uuid4().hex[:8]}@example.com"


@pytest.fixture(scope="module")
def link(house, address):
    """Return the address in the mail that a form has caused."""
    item = {
        "email": address,
        "name": "Clara Duarte",
        "source": "landing_page",
        "language": "pt_BR",
        "purposes": [{"purpose": "marketing", "channels": ["email", "sms"]}],
    }
    (answer,) = house.manager.call("veloc.consent", "ask_confirmation", [item])
    assert answer == {"index": 0, "status": "sent"}
    email = house.letter_to(address, "the confirmation")
    return LINK.search(unescape(email["text"]))[0]


@pytest.fixture(scope="module")
def phone(browser):
    page = browser.new_page(viewport={"width": 390, "height": 844}, locale="pt-BR")
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    yield page
    page.close()


def words(house, address):
    """Return what is on record of the person, oldest first."""
    domain = [("partner_id.email_normalized", "=", address)]
    fields = ["granted", "channel", "source", "receipt_ref"]
    return house.manager.read("veloc.consent", domain, fields, order="id")


def fits(page):
    script = "document.documentElement.scrollWidth <= window.innerWidth"
    return page.evaluate(script)


def test_a_scanner_that_opens_the_link_confirms_nothing(house, address, link, phone):
    for _visit in range(2):
        assert phone.request.get(link).status == 200
        assert phone.request.head(link).status == 200
    assert words(house, address) == []


def test_the_person_reads_and_presses_one_button(
    house, address, link, phone, screenshots
):
    phone.goto(link)
    expect(phone.locator("html")).to_have_attribute("lang", "pt-BR")
    expect(phone.locator("form button")).to_have_count(1)
    assert fits(phone)
    phone.screenshot(path=screenshots / "phone-confirm.png", full_page=True)
    phone.locator("form button").click()
    expect(phone.locator(".note")).to_be_visible()
    said = words(house, address)
    assert {word["channel"] for word in said} == {"email", "sms"}
    assert all(word["granted"] for word in said)
    assert len({word["receipt_ref"] for word in said}) == 1


def test_the_receipt_is_at_hand_and_is_valid(house, link, phone):
    phone.goto(link)
    pdf = phone.request.get(
        house.url + phone.locator("a[href*='/receipt/']").get_attribute("href")
    )
    assert pdf.body().startswith(b"%PDF")
    json_path = phone.locator("a[href*='/receipt/']").get_attribute("href")
    receipt = phone.request.get(
        house.url + json_path.partition("/pdf")[0] + "/json"
    ).text()
    phone.goto(f"{house.url}/veloc/receipt?lang=en_US")
    phone.fill("#receipt", receipt)
    phone.get_by_role("button", name="Check").click()
    expect(phone.locator(".note")).to_contain_text("every letter")
    phone.fill("#receipt", receipt.replace("landing_page", "x").replace("sms", "call"))
    phone.get_by_role("button", name="Check").click()
    expect(phone.locator(".note.warn")).to_be_visible()


def test_taking_it_back_takes_no_more_presses_than_giving_it(
    house, address, link, phone, screenshots
):
    phone.goto(link)
    phone.locator("a[href*='/veloc/preferences/']").first.click()
    # The two that were given, and what rests on legitimate interest until objected to.
    given = phone.locator("fieldset", has_text=PURPOSE).locator("input:checked")
    expect(given).to_have_count(2)
    assert fits(phone)
    phone.screenshot(path=screenshots / "phone-preferences.png", full_page=True)
    phone.locator("button[value=stop]").click()
    expect(phone.locator("input[name=allow]:checked")).to_have_count(0)
    latest = {word["channel"]: word["granted"] for word in words(house, address)}
    assert latest["email"] is False
    assert latest["sms"] is False
    assert phone.errors == []
