"""E-mail leaves by SMTP with one-click unsubscribe that really revokes."""

import re
from html import unescape
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

TEMPLATE = "newsletter"
BODY = (
    "<p>Ol&aacute;, {{ first_name | default('cliente') }}: {{ reference }}</p>"
    '<p><a href="{{ unsubscribe_url }}">Sair da lista</a></p>'
)
_tags = count(1)


@pytest.fixture(scope="module", autouse=True)
def _template(house):
    make_template(house, TEMPLATE, "marketing", email=BODY)


@pytest.fixture
def reader(house):
    (partner_id,) = make_people(house, 1)
    consent(house, [partner_id], "marketing", "email")
    (partner,) = house.admin.read("res.partner", [("id", "=", partner_id)], ["email"])
    return {"id": partner_id, "email": partner["email"]}


@pytest.fixture
def letter(house, reader):
    """Return the e-mail that arrived, with its headers as a dict."""
    tag = f"news{next(_tags)}"
    enqueue_all(house, [reader["id"]], TEMPLATE, "email", tag)
    (email,) = wait_until(
        lambda: house.sandbox.emails(to=reader["email"]), 30, what="the e-mail"
    )
    return email | {"headers": dict(email["headers"]), "tag": tag}


def one_click_address(letter):
    return re.search(r"<(https?://[^>]+)>", letter["headers"]["List-Unsubscribe"])[1]


def granted(house, reader):
    domain = [("partner_id", "=", reader["id"]), ("channel", "=", "email")]
    return house.manager.read("veloc.consent.state", domain, ["granted"])[0]["granted"]


def test_the_email_is_rendered_for_the_person(reader, letter):
    assert letter["rcpt_tos"] == [reader["email"]]
    assert letter["subject"] == f"Veloc: {letter['tag']}-{reader['id']}"
    assert "Olá, Marta" in unescape(letter["html"])
    assert letter["text"].strip()


def test_the_email_carries_the_rfc_8058_headers(house, letter):
    headers = letter["headers"]
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert one_click_address(letter).startswith(f"{house.url}/veloc/unsubscribe/")


def test_get_of_the_unsubscribe_address_changes_nothing(house, reader, letter):
    answer = requests.get(one_click_address(letter), timeout=30)
    assert answer.status_code == 200
    assert "<form" in answer.text
    assert requests.head(one_click_address(letter), timeout=30).status_code == 200
    assert granted(house, reader)


def test_the_one_click_post_revokes_and_the_next_email_is_refused(
    house, reader, letter
):
    answer = requests.post(
        one_click_address(letter), {"List-Unsubscribe": "One-Click"}, timeout=30
    )
    assert answer.status_code in (200, 202, 204)
    assert not granted(house, reader)
    (told,) = enqueue(house, [reader["id"]], TEMPLATE, "email", "after-no")
    assert told["outcome"] == "refused"


def test_a_mailbox_that_does_not_exist_fails_for_good(house):
    (partner_id,) = make_people(house, 1)
    values = {"email": f"smtp-550@{partner_id}.example.com"}
    house.admin.write("res.partner", [partner_id], values)
    consent(house, [partner_id], "marketing", "email")
    (message,) = enqueue_all(house, [partner_id], TEMPLATE, "email", "bounce")
    assert house.wait_for_state(message, "failed")["failure_code"]


def test_a_greylisted_mailbox_is_tried_again(house, reader):
    house.sandbox.fault("smtp_451", count=1, match={"to": reader["email"]})
    (message,) = enqueue_all(house, [reader["id"]], TEMPLATE, "email", "grey")
    house.hurry(message)
    wait_until(lambda: house.sandbox.emails(to=reader["email"]), 30)
    assert len(house.sandbox.emails(to=reader["email"])) == 1
