"""A person asks for their data in a browser and proves it by the code they are sent."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def person(house):
    """Return somebody we know, with an address that the sandbox receives."""
    email = f"titular-{uuid4().hex[:8]}@example.com"
    house.admin.create("res.partner", {"name": "Vera Titular", "email": email})
    return email


def _code(house, email):
    (letter,) = wait_until(
        lambda: house.sandbox.emails(to=email), 60, what="the code's e-mail"
    )
    return re.search(r"\b\d{4} \d{4}\b", letter["text"])[0]


def test_a_person_sees_their_data_after_the_code_from_their_mailbox(
    house, browser, person, screenshots
):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{house.url}/veloc/privacy?lang=en_US")
    page.get_by_label("What do you want?").select_option("portability")
    page.get_by_label("E-mail", exact=True).fill(person)
    page.get_by_role("button", name="Send the request").click()
    expect(page.get_by_role("heading", name="Show that it is you")).to_be_visible()
    page.screenshot(path=screenshots / "privacy-code-390.png")
    page.get_by_label("The code").fill(_code(house, person))
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Yes, we process personal data about you.")).to_be_visible()
    expect(page.get_by_text(person).first).to_be_visible()
    button = page.get_by_role("button", name=re.compile("Download"))

    def is_ready():
        page.goto(page.url)
        return button.count()

    wait_until(is_ready, 60, what="the file")
    with page.expect_download() as download:
        button.click()
    assert download.value.suggested_filename.endswith("-portability.zip")
    width = "document.documentElement.scrollWidth"
    assert page.evaluate(width) <= 390
    page.screenshot(path=screenshots / "privacy-status-390.png", full_page=True)
    page.close()
