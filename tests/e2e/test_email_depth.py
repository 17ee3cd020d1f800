"""What comes back by e-mail, and what people do with links, as the world sees it."""

import re
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
import requests

from tests.support.crowd import (
    consent,
    enqueue,
    enqueue_all,
    make_people,
    make_template,
)
from tests.support.waiting import wait_until

TEMPLATE = "depth"
SITE = "https://www.veloc.example"
BODY = (
    "<p>{{ first_name | default('Oi') }}: {{ reference }}</p>"
    f'<p><a href="{SITE}/novo">Ver</a></p>'
    '<p><a href="{{ unsubscribe_url }}">Sair</a></p>'
)
BROWSER = {
    "User-Agent": "Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile Safari/537.36",
    "Accept-Language": "pt-BR",
}
SCANNER = {"User-Agent": "BarracudaCentral link checker", "Accept-Language": "en"}
_tags = count(1)


@pytest.fixture(scope="module", autouse=True)
def _set_up(house):
    known = house.manager.search("veloc.link.domain", [("name", "=", SITE[8:])])
    if not known:
        house.manager.create("veloc.link.domain", {"name": SITE[8:]})
    make_template(house, TEMPLATE, "marketing", email=BODY)
    account = house.manager.search("veloc.account", [("code", "=", "email")])
    boxes = {name: f"{name}@mail.veloc.example" for name in ("bounce", "ola")}
    values = {"bounce_mailbox": boxes["bounce"], "reply_mailbox": boxes["ola"]}
    house.manager.write("veloc.account", account, values)


def send(house, name):
    """Send one e-mail to a magic recipient; return person, message, e-mail taken."""
    (partner_id,) = make_people(house, 1)
    address = f"{name}@{partner_id}.example.com"
    house.admin.write("res.partner", [partner_id], {"email": address})
    consent(house, [partner_id], "marketing", "email")
    tag = f"depth{next(_tags)}"
    (message,) = enqueue_all(house, [partner_id], TEMPLATE, "email", tag)
    (letter,) = wait_until(lambda: house.sandbox.emails(to=address), 30, what=name)
    house.wait_for_state(message, "sent")
    return partner_id, message, letter


def come_back(house, letter):
    """Hand over what came back, as the mail server's gateway script does."""
    (raw,) = house.sandbox.bounces(to=letter["rcpt_tos"][0])
    house.admin.call("mail.thread", "message_process", False, raw)


def read(house, message, *names):
    return house.manager.read("veloc.message", [("id", "=", message)], list(names))[0]


def clicks(house, message):
    domain = [("message_id", "=", message)]
    return house.manager.read("veloc.link.click", domain, ["kind", "reason"])


def is_old(house, message):
    """Nobody reads within two seconds: such a click is taken for a scanner's."""
    sent = datetime.fromisoformat(read(house, message, "sent_at")["sent_at"])
    now = datetime.now(UTC).replace(tzinfo=None)
    return now - sent > timedelta(seconds=3)


def short_link(letter):
    return re.search(r'href="(http[^"]+/veloc/l/[0-9A-Za-z]{11})"', letter["html"])[1]


def test_a_bounce_ends_the_message_and_closes_the_address(house):
    partner_id, message, letter = send(house, "bounce-511")
    assert re.fullmatch(r"bounce\+[0-9a-f]{48}@.*", letter["mail_from"])

    come_back(house, letter)
    house.wait_for_state(message, "undelivered")

    assert read(house, message, "failure_code")["failure_code"] == "5.1.1"
    (told,) = enqueue(house, [partner_id], TEMPLATE, "email", "after-bounce")
    assert told["outcome"] == "refused"


def test_a_full_mailbox_closes_nothing(house):
    partner_id, message, letter = send(house, "bounce-522")
    come_back(house, letter)
    house.wait_for_state(message, "undelivered")
    (told,) = enqueue(house, [partner_id], TEMPLATE, "email", "after-full")
    assert told["outcome"] == "queued"


def test_a_forged_bounce_moves_nothing(house):
    _partner, message, letter = send(house, "bounce-511")
    (raw,) = house.sandbox.bounces(to=letter["rcpt_tos"][0])
    token = re.search(r"bounce\+([0-9a-f]{48})@", raw)[1]
    forged = raw.replace(token, token[:32] + "0" * 16)
    forged = forged.replace(token[:32], "f" * 32)
    before = house.manager.count("veloc.provider.event", [("provider", "=", "smtp")])
    house.admin.call("mail.thread", "message_process", False, forged)
    after = house.manager.count("veloc.provider.event", [("provider", "=", "smtp")])
    assert after == before
    assert read(house, message, "state")["state"] == "sent"


def test_who_complains_is_left_in_peace(house):
    partner_id, message, letter = send(house, "complain")

    come_back(house, letter)
    wait_until(lambda: read(house, message, "complained_at")["complained_at"], 30)

    (told,) = enqueue(house, [partner_id], TEMPLATE, "email", "after-complaint")
    assert told["outcome"] == "refused"
    domain = [("partner_id", "=", partner_id), ("channel", "=", "email")]
    states = house.manager.read("veloc.consent.state", domain, ["granted"])
    assert not any(state["granted"] for state in states)


def test_an_absence_changes_nothing_and_an_answer_is_read(house):
    _partner, message, letter = send(house, "away")
    come_back(house, letter)
    domain = [("message_id", "=", message)]
    assert not house.manager.count("veloc.provider.event", domain)

    partner_id, _message, letter = send(house, "answer")
    come_back(house, letter)
    talks = [("partner_id", "=", partner_id), ("channel", "=", "email")]
    wait_until(lambda: house.manager.count("veloc.conversation", talks), 30)


def test_a_person_s_click_counts_and_a_scanner_s_does_not(house):
    _partner, message, letter = send(house, "leitor")
    link = short_link(letter)
    assert "<img" not in letter["html"]  # opens are not watched unless switched on
    wait_until(lambda: is_old(house, message), 10, what="the e-mail to be read")

    seen = requests.get(link, headers=SCANNER, allow_redirects=False, timeout=30)
    assert seen.status_code == 302
    assert requests.head(link, headers=BROWSER, timeout=30).status_code == 302
    followed = requests.get(link, headers=BROWSER, allow_redirects=False, timeout=30)

    assert followed.headers["Location"] == (
        f"{SITE}/novo?utm_source=veloc&utm_medium=email&utm_campaign={TEMPLATE}"
        "&utm_content=v1"
    )
    assert not followed.cookies
    kinds = [(click["kind"], click["reason"]) for click in clicks(house, message)]
    assert sorted(kinds) == [("human", False), ("scanner", "barracuda")]


def test_an_unknown_link_says_so_in_both_languages(house):
    page = requests.get(f"{house.url}/veloc/l/AAAAAAAAAAA", timeout=30)
    assert page.status_code == 404
    assert "Este link não é válido" in page.text
    assert "This link is not valid" in page.text
