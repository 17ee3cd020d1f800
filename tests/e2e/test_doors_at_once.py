"""A person who presses twice, and a mail service beside them, at the public doors.

Nothing may be lost or doubled, nobody may see an error, and nobody waits for a
transaction that failed and is tried again.
"""

import hashlib
import re
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
import requests

from tests.support.crowd import consent, enqueue_all, make_people, make_template
from tests.support.waiting import wait_until

CLIENTS = 6
ROUNDS = 4
TICKED = re.compile('name="allow"[^>]*checked')
PRESSED = {"List-Unsubscribe": "One-Click"}
WORDS = "SELECT count(*) FROM veloc_consent WHERE partner_id = %s AND granted = %s"
DOUBLED = """
    SELECT purpose_id, channel, count(*) FROM veloc_consent
     WHERE partner_id = %s AND granted = %s
     GROUP BY purpose_id, channel HAVING count(*) > 1"""
SITE = "at-once.veloc.example"
BODY = '<p>{{ reference }} <a href="{{ unsubscribe_url }}">Sair</a></p>' + "".join(
    f'<a href="https://{SITE}/{n}">{n}</a>' for n in range(4)
)
PHONE = {
    "User-Agent": "Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile Safari/537.36",
    "Accept-Language": "pt-BR",
}


@pytest.fixture(scope="module")
def pool():
    with ThreadPoolExecutor(CLIENTS) as pool:
        yield pool


@pytest.fixture
def at_once(pool):
    """Return a function that posts to an address from all clients; their answers."""

    def post(url, **request):
        calls = [
            pool.submit(requests.post, url, timeout=30, **request)
            for _n in range(CLIENTS)
        ]
        return [call.result() for call in calls]

    return post


@pytest.fixture(autouse=True)
def _nobody_is_held_up(house):
    """The log of a test names no transaction that failed for another's sake."""
    forget_tries(house)
    before = len(house.server.conflicts())
    yield
    assert house.server.conflicts()[before:] == []


def forget_tries(house):
    """Let everybody knock anew: one address stands for many people here."""
    house.database.rows("DELETE FROM veloc_rate_limit")


def codes(answers):
    return {answer.status_code for answer in answers}


def letter_to(house, email):
    (letter,) = wait_until(lambda: house.sandbox.emails(to=email), 60, what=email)
    return letter


def preferences_of(house, partner_id):
    action = house.web("e2e_manager").call(
        "res.partner", "action_veloc_open_preferences", [partner_id]
    )
    return f"{house.url}{action['url']}"


# === CONFIRMATION AND FORMS === #


def test_a_confirmation_pressed_several_times_at_once_is_recorded_once(house, at_once):
    for _round in range(ROUNDS):
        email, token = f"once-{uuid4().hex[:8]}@example.com", uuid4().hex
        item = {
            "email": email,
            "name": "Clara Duarte",
            "source": "landing_page",
            "purposes": [{"purpose": "marketing", "channels": ["email", "sms"]}],
        }
        house.manager.call("veloc.consent", "ask_confirmation", [item])
        house.database.rows(
            "UPDATE veloc_consent_pending SET token_hash = %s WHERE email = %s",
            hashlib.sha256(token.encode()).hexdigest(),
            email,
        )
        answers = at_once(f"{house.url}/veloc/confirm/{token}")
        assert codes(answers) == {200}
        assert all('class="note' in answer.text for answer in answers)
        (person,) = house.admin.search("res.partner", [("email", "=", email)])
        assert house.database.value(WORDS, person, True) == 2


@pytest.fixture(scope="module")
def form(house):
    """Return the address of a live form."""
    code = f"once{uuid4().hex[:6]}"
    call = house.manager.call
    text = {"title": "Guia", "body": "Doze.", "button": "Enviar", "name": "A"}
    (form,) = call(
        "veloc.capture.form",
        "create",
        [
            {
                "name": code,
                "code": code,
                "origins": "https://site.example.com",
                "tracks_signup": True,
                "variant_ids": [(0, 0, text)],
            }
        ],
    )
    call("veloc.capture.form", "action_publish", [form])
    return form, f"{house.url}/veloc/capture/{code}"


ORIGIN = {"Origin": "https://site.example.com"}


def test_a_form_sent_several_times_at_once_asks_once_and_counts_once(
    house, form, at_once
):
    form_id, url = form
    views = [
        requests.get(url, headers=ORIGIN, timeout=30).json() for _n in range(ROUNDS)
    ]
    time.sleep(2.1)  # nobody fills in a form faster, and the server knows
    for view in views:
        forget_tries(house)
        email = f"form-{uuid4().hex[:8]}@example.com"
        (purpose,) = view["purposes"][:1]
        box = {
            "purpose": purpose["code"],
            "channel": "email",
            "version": purpose["version"],
            "hash": purpose["hash"],
        }
        body = {
            "ticket": view["ticket"],
            "name": "Clara",
            "email": email,
            "boxes": [box],
        }
        assert codes(at_once(url, json=body, headers=ORIGIN)) == {200}
        asked = "SELECT count(*) FROM veloc_consent_pending WHERE email = %s"
        assert house.database.value(asked, email) == 1
    sent = "SELECT sum(submissions) FROM veloc_capture_day WHERE form_id = %s"
    assert house.database.value(sent, form_id) == ROUNDS
    kept = "SELECT count(*) FROM veloc_capture_submission WHERE form_id = %s"
    assert house.database.value(kept, form_id) == ROUNDS


def test_a_sign_up_begun_in_several_tabs_at_once_is_one_person(house, form, at_once):
    _form_id, url = form
    view = requests.get(url, headers=ORIGIN, timeout=30).json()
    for _round in range(ROUNDS):
        email = f"tabs-{uuid4().hex[:8]}@example.com"
        note = {"ticket": view["ticket"], "kind": "signup_started"}
        note |= {"email": email, "consent": True}
        assert codes(at_once(f"{url}/note", json=note, headers=ORIGIN)) == {200}
        assert len(house.admin.search("res.partner", [("email", "=", email)])) == 1


# === TAKING BACK === #


def test_everything_is_taken_back_once_however_often_it_is_pressed(house, at_once):
    people = make_people(house, ROUNDS)
    consent(house, people, "marketing", "email")
    for person in people:
        answers = at_once(preferences_of(house, person), data={"action": "stop"})
        assert codes(answers) == {200}
        assert not any(TICKED.search(answer.text) for answer in answers)
        assert house.database.value(WORDS, person, False)
        assert house.database.rows(DOUBLED, person, False) == []


@pytest.fixture(scope="module")
def letters(house):
    """Return people and the e-mail that each of them was sent."""
    house.manager.create("veloc.link.domain", {"name": SITE})
    make_template(house, "at-once", "marketing", email=BODY)
    people = make_people(house, ROUNDS)
    consent(house, people, "marketing", "email")
    enqueue_all(house, people, "at-once", "email", "at-once")
    known = house.admin.read("res.partner", [("id", "in", people)], ["email"])
    return [(row["id"], letter_to(house, row["email"])) for row in known]


def test_one_click_sent_several_times_at_once_revokes_once(house, letters, at_once):
    for person, letter in letters:
        header = dict(letter["headers"])["List-Unsubscribe"]
        url = re.search(r"<(https?://[^>]+)>", header)[1]
        assert codes(at_once(url, data=PRESSED)) == {200}
        assert house.database.value(WORDS, person, False) == 1


def test_all_links_of_a_letter_asked_for_at_once_are_counted(house, letters, pool):
    # Whoever clicks within two seconds is taken for a machine from the start.
    house.database.rows(
        "UPDATE veloc_message SET sent_at = sent_at - interval '1 minute' "
        "WHERE partner_id = ANY(%s)",
        [person for person, _letter in letters],
    )
    for person, letter in letters:
        links = set(re.findall(r'http[^"]+/veloc/l/[0-9A-Za-z]{11}', letter["html"]))
        assert len(links) == 4
        calls = [
            pool.submit(
                requests.get, link, headers=PHONE, timeout=30, allow_redirects=False
            )
            for link in [*links, *links]
        ]
        assert codes(call.result() for call in calls) == {302}
        seen = "SELECT count(*) FROM veloc_link_click WHERE partner_id = %s"
        assert house.database.value(seen, person) == len(links) * 2


# === PUSH === #


def test_a_browser_that_says_on_and_off_several_times_at_once(house, at_once):
    for person in make_people(house, ROUNDS):
        url = preferences_of(house, person).replace("/preferences/", "/push/")
        browser = house.sandbox.post("push/subscriptions", name=f"b-{uuid4().hex[:8]}")
        wish = {"action": "subscribe", "subscription": browser}
        wish |= {"shown": ["marketing:1"], "allow": ["marketing:1"]}
        assert codes(at_once(url, json=wish)) == {200}
        assert house.database.value(WORDS, person, True) == 1
        off = {"action": "unsubscribe", "endpoint": browser["endpoint"]}
        assert codes(at_once(url, json=off)) == {200}
        assert house.database.value(WORDS, person, False)
        assert house.database.rows(DOUBLED, person, False) == []


# === PRIVACY === #


def test_a_request_sent_several_times_at_once_is_taken_and_nobody_waits(house, at_once):
    for _round in range(2):
        email = f"titular-{uuid4().hex[:8]}@example.com"
        forget_tries(house)
        form = {"kind": "access", "email": email}
        assert codes(at_once(f"{house.url}/veloc/privacy", data=form)) <= {200, 429}


def test_the_right_code_sent_several_times_at_once_proves_once(house, at_once):
    for _round in range(2):
        email = f"titular-{uuid4().hex[:8]}@example.com"
        house.admin.create("res.partner", {"name": "Vera Titular", "email": email})
        forget_tries(house)
        form = {"kind": "access", "email": email}
        page = house.post(f"{house.url}/veloc/privacy", form, {}).text
        token = re.search(r"/veloc/privacy/([0-9a-f]{64})", page)[1]
        code = re.search(r"\b\d{4} \d{4}\b", letter_to(house, email)["text"])[0]
        url = f"{house.url}/veloc/privacy/{token}"
        answers = at_once(url, data={"code": code})
        assert codes(answers) == {200}
        proven = """
            SELECT count(*) FROM veloc_privacy_event e
              JOIN veloc_privacy_request r ON r.id = e.request_id
             WHERE r.access_hash = %s AND e.what = 'verified'"""
        hashed = hashlib.sha256(token.encode()).hexdigest()
        assert house.database.value(proven, hashed) == 1
