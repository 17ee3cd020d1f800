"""A person writes by WhatsApp; an agent answers in the chatter of the web client."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.support.events import signup
from tests.support.house import SENDERS
from tests.support.visitor import RECORDS, SIZES, visit
from tests.support.waiting import wait_until

INBOX = "veloc_messaging.veloc_conversation_action"
SEND = re.compile("^(Send|Enviar)$")
SEND_MESSAGE = re.compile("Send message|Enviar mensagem")


@pytest.fixture(scope="module")
def person(house, api):
    """Return the number of a trader who has just written by WhatsApp."""
    ref = f"inbox-{uuid4().hex[:8]}"
    number = f"+551197{uuid4().int % 10**7:07}"
    api.send(signup(ref, name="Joana Ramos", phone=number))
    partner = "SELECT partner_id FROM veloc_trader WHERE external_ref = %s"
    wait_until(lambda: house.database.value(partner, ref), 30, what="the trader")
    write(house, number, "Oi! Meu saque ainda não caiu.")
    count = "SELECT count(*) FROM veloc_conversation c JOIN res_partner p ON "
    count += "p.id = c.partner_id WHERE p.phone_sanitized = %s AND c.state = 'open'"
    wait_until(lambda: house.database.value(count, number), 60, what="a conversation")
    return number


@pytest.fixture(params=SIZES, scope="module")
def visitor(request, browser, house, person, screenshots):
    """Return an agent who is logged in, once per screen size."""
    visitor = visit(browser, request.param, house.url, "e2e_agent", screenshots)
    yield visitor
    visitor.page.context.close()


def write(house, number, words):
    """Let the person write by WhatsApp."""
    url = f"{house.url}/veloc/webhook/twilio/sandbox-whatsapp"
    sender = f"whatsapp:{SENDERS['sandbox-whatsapp']}"
    assert house.sandbox.say(f"whatsapp:{number}", sender, words, url=url) == 204


def open_talk(visitor):
    visitor.open(INBOX)
    visitor.page.locator(RECORDS, has_text="Joana Ramos").first.click()
    visitor.page.wait_for_selector(".o_form_view .o-mail-Chatter")


def arrived(house, number):
    return [
        message["body"]
        for message in house.sandbox.messages(to=f"whatsapp:{number}")
        if message["direction"].startswith("outbound")
    ]


def test_the_inbox_shows_by_itself_who_waits(visitor, house, person):
    words = f"Ainda não caiu ({visitor.name})."
    visitor.open(INBOX)
    write(house, person, words)
    card = visitor.page.locator(RECORDS, has_text="Joana Ramos").first
    expect(card).to_contain_text(words, timeout=60_000)
    expect(card).to_contain_text("WhatsApp")
    expect(card.locator(".o_veloc_clock").first).to_be_visible()
    visitor.picture("inbox")
    assert visitor.is_as_wide_as_the_screen()
    assert visitor.errors == []


def test_an_agent_answers_in_the_chatter_and_the_person_gets_it(visitor, house, person):
    words = f"Oi Joana, já estou vendo o seu saque ({visitor.name})."
    open_talk(visitor)
    page = visitor.page
    visitor.picture("conversation")
    page.locator(".o-mail-Chatter-sendMessage", has_text=SEND_MESSAGE).click()
    page.locator(".o-mail-Composer-input").first.fill(words)
    page.locator(".o-mail-Composer-send").first.click()

    wait_until(lambda: words in arrived(house, person), 60, what="the answer")
    said = page.locator(".o-mail-Message", has_text=words).first
    expect(said.locator(".o_veloc_badge")).to_contain_text("WhatsApp")
    visitor.picture("answered")
    assert arrived(house, person).count(words) == 1
    assert visitor.is_as_wide_as_the_screen()
    assert visitor.errors == []


def test_what_the_person_writes_appears_by_itself(visitor, house, person):
    words = f"Obrigada! {uuid4().hex[:6]}"
    open_talk(visitor)
    write(house, person, words)

    said = visitor.page.locator(".o-mail-Message", has_text=words)
    expect(said.first).to_be_visible(timeout=60_000)
    assert visitor.errors == []


def test_a_promise_is_refused_and_stays_in_the_composer(visitor, house, person):
    before = arrived(house, person)
    open_talk(visitor)
    page = visitor.page
    page.locator(".o-mail-Chatter-sendMessage", has_text=SEND_MESSAGE).click()
    page.locator(".o-mail-Composer-input").first.fill("Aqui é lucro garantido!")
    page.locator(".o-mail-Composer-send").first.click()

    dialog = page.locator(".o_error_dialog, .o_dialog").first
    expect(dialog).to_contain_text("lucro garantido")
    visitor.picture("refused")
    assert arrived(house, person) == before
    # The client's own console notes the refused request; nothing else may be there.
    visitor.errors.clear()
