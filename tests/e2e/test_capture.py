"""A broker's site under a strict policy, with our form on it, in a real browser."""

import re
import time
from html import unescape
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.support.broker_site import Site
from tests.support.waiting import wait_until

CODE = "e2e"
LINK = re.compile(r"https?://[^\s\"'<>]+/veloc/confirm/[\w-]+")
FORM = f"#veloc-capture-{CODE}"
TEXTS = {
    "A": {"title": "Guia gratuito", "body": "Doze páginas sobre ordens e risco."},
    "B": {"title": "Aula ao vivo", "body": "Uma hora sobre gráficos e risco."},
}


@pytest.fixture(scope="module")
def site(house):
    site = Site(house.url, CODE)
    yield site
    site.close()


@pytest.fixture(scope="module")
def form(house, site):
    """Return the id of a live form of that site, with texts in both languages."""
    call = house.manager.call
    (form,) = call(
        "veloc.capture.form",
        "create",
        [
            {
                "name": "e2e",
                "code": CODE,
                "origins": site.url,
                "tracks_signup": True,
                "variant_ids": [
                    (0, 0, {"name": name, "button": "Enviar", **texts})
                    for name, texts in TEXTS.items()
                ],
            }
        ],
    )
    call("veloc.capture.form", "action_publish", [form])
    for code in ("capture_form", "capture_note"):
        house.database.rows(
            f"UPDATE veloc_access_limit SET hits = 1000000 WHERE code = '{code}'"
        )
    house.database.rows(
        "UPDATE res_lang SET active = true WHERE code IN ('pt_BR', 'en_US')"
    )
    return form


@pytest.fixture
def visit(browser, site, form):
    """Return a function that opens a page as a new visitor."""
    opened = []

    def open_page(path="/", clock=True, **options):
        context = browser.new_context(**{"locale": "pt-BR", **options})
        opened.append(context)
        page = context.new_page()
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on(
            "console",
            lambda line: line.type == "error" and page.errors.append(line.text),
        )
        if clock:
            page.clock.install()
        arrive(page, site.url + path)
        return page

    yield open_page
    for context in opened:
        context.close()


def arrive(page, url):
    """Open a page and wait until the script has its texts."""
    with page.expect_response(re.compile(rf"/veloc/capture/{CODE}\?")):
        page.goto(url)
    page.wait_for_timeout(200)


def dialog(page):
    return page.locator(f"{FORM} dialog")


def numbers(house, form, *names):
    rows = house.manager.read("veloc.capture.day", [("form_id", "=", form)], [*names])
    return {name: sum(row[name] for row in rows) for name in names}


# === WHEN IT IS SHOWN === #


def test_the_strict_policy_lets_the_form_through(visit, screenshots):
    page = visit()
    expect(dialog(page)).to_have_count(0)
    page.clock.run_for(31_000)
    expect(dialog(page)).to_be_visible()
    assert page.errors == []
    page.screenshot(path=screenshots / "capture-desk.png")


def test_leaving_through_the_top_shows_it(visit):
    page = visit()
    page.mouse.move(300, 200)
    leave = (
        "y => document.documentElement.dispatchEvent("
        "new MouseEvent('mouseleave', {clientY: y}))"
    )
    page.evaluate(leave, 300)
    expect(dialog(page)).to_have_count(0)
    page.evaluate(leave, -1)
    expect(dialog(page)).to_be_visible()


def test_reading_seventy_percent_shows_it(visit):
    page = visit()
    room = "document.documentElement.scrollHeight - innerHeight"
    page.evaluate(f"scrollTo(0, ({room}) * 0.6)")
    page.wait_for_timeout(300)
    expect(dialog(page)).to_have_count(0)
    page.evaluate(f"scrollTo(0, ({room}) * 0.72)")
    expect(dialog(page)).to_be_visible()


def test_three_idle_minutes_show_it(house, form, visit):
    house.manager.call("veloc.capture.form", "write", [form], {"on_delay": False})
    page = visit()
    page.clock.run_for(170_000)
    page.mouse.move(50, 60)
    page.clock.run_for(170_000)
    expect(dialog(page)).to_have_count(0)
    page.clock.run_for(11_000)
    expect(dialog(page)).to_be_visible()
    house.manager.call("veloc.capture.form", "write", [form], {"on_delay": True})


def test_a_quick_pull_up_on_a_phone_shows_it(visit, screenshots):
    page = visit(
        clock=False,
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
    )
    page.evaluate("scrollTo(0, 1500)")
    page.wait_for_timeout(600)
    page.evaluate(
        "new Promise(done => { let y = 1500; const step = () => {"
        " scrollTo(0, y -= 150); y > 300 ? requestAnimationFrame(step) : done(); };"
        " step(); })"
    )
    expect(dialog(page)).to_be_visible()
    wide = "document.documentElement.scrollWidth <= innerWidth"
    assert page.evaluate(wide)
    page.screenshot(path=screenshots / "capture-phone.png")


def test_nobody_is_interrupted_while_writing(visit):
    page = visit()
    page.locator("input[name=mail]").focus()
    page.clock.run_for(60_000)
    expect(dialog(page)).to_have_count(0)
    page.locator("input[name=mail]").blur()
    page.clock.run_for(6_000)
    expect(dialog(page)).to_be_visible()


def test_once_a_session_and_not_for_seven_days(visit, site):
    page = visit()
    page.clock.run_for(31_000)
    page.keyboard.press("Escape")
    expect(dialog(page)).to_have_count(0)
    arrive(page, f"{site.url}/outra")
    page.clock.run_for(300_000)
    expect(dialog(page)).to_have_count(0)
    page.evaluate("sessionStorage.clear()")
    page.clock.fast_forward(6 * 86_400_000)
    arrive(page, site.url)
    page.clock.run_for(31_000)
    expect(dialog(page)).to_have_count(0)
    page.clock.fast_forward(2 * 86_400_000)
    arrive(page, site.url)
    page.clock.run_for(31_000)
    expect(dialog(page)).to_be_visible()


# === WHAT IT KEEPS === #


def test_without_consent_the_browser_keeps_nothing_of_the_visitor(visit):
    page = visit("/?utm_source=google&gclid=Abc12345")
    page.clock.run_for(31_000)
    kept = page.evaluate("Object.keys(localStorage)")
    assert kept == [f"veloc.{CODE}.pause"]
    assert page.context.cookies() == []


def test_with_consent_a_visitor_keeps_their_text_until_they_take_it_back(visit, site):
    page = visit("/?utm_source=google")
    page.evaluate("veloc.consent(true)")
    site.tag = "data-consent='true'"
    seen = set()
    for _visit in range(4):
        page.evaluate(f"localStorage.removeItem('veloc.{CODE}.pause')")
        page.evaluate("sessionStorage.clear()")
        arrive(page, site.url)
        page.clock.run_for(31_000)
        seen.add(dialog(page).locator("h2").inner_text())
    site.tag = ""
    assert len(seen) == 1
    page.evaluate("veloc.consent(false)")
    assert page.evaluate("localStorage.getItem('veloc.visitor')") is None
    assert page.evaluate("localStorage.getItem('veloc.touches')") is None


def test_visitors_are_split_between_the_texts(house, site, form, browser):
    request = browser.new_context().request
    seen = [
        request.get(
            f"{house.url}/veloc/capture/{CODE}?visitor=v-{n}",
            headers={"Origin": site.url},
        ).json()["texts"]["title"]
        for n in range(40)
    ]
    assert set(seen) == {text["title"] for text in TEXTS.values()}


# === FROM THE FORM TO THE LEAD === #


def test_a_visitor_becomes_a_lead_by_the_keyboard_alone(
    house, form, visit, screenshots
):
    email = f"capture-{uuid4().hex[:8]}@example.com"
    page = visit("/?utm_source=instagram&utm_campaign=verao&fbclid=Abc12345678")
    page.evaluate("veloc.consent(true)")
    before = numbers(house, form, "shows", "submissions", "confirmations")
    page.clock.run_for(31_000)
    expect(dialog(page).locator("input#name")).to_be_focused()
    title = dialog(page).locator("h2").inner_text()
    page.keyboard.type("Clara Duarte")
    page.keyboard.press("Tab")
    page.keyboard.type(email)
    time.sleep(2.2)  # the page's clock is stopped, the server's is not
    page.keyboard.press("Enter")
    fault = dialog(page).locator("#boxes-error")
    expect(fault).not_to_be_empty()
    expect(dialog(page).locator("input[type=checkbox]").first).to_be_focused()
    assert not dialog(page).locator("input[type=checkbox]:checked").count()
    page.keyboard.press("Space")
    dialog(page).locator("button.send").focus()
    page.keyboard.press("Enter")
    expect(dialog(page).locator("[role=status]")).to_be_focused()
    page.screenshot(path=screenshots / "capture-thanks.png")
    assert people(house, email) == []
    confirm(house, page, email)
    name = next(key for key, text in TEXTS.items() if text["title"] == title)
    check_lead(house, email, name)
    after = numbers(house, form, "shows", "submissions", "confirmations")
    assert {key: after[key] - before[key] for key in after} == dict.fromkeys(after, 1)


def check_lead(house, email, variant):
    """Look at everything that the confirmation must have left."""
    (person,) = people(house, email)
    (trader,) = house.manager.read(
        "veloc.trader", [("partner_id", "=", person["id"])], ["stage", "source_id"]
    )
    assert trader["stage"] == "lead"
    assert trader["source_id"][1] == "instagram"
    words = house.manager.read(
        "veloc.consent",
        [("partner_id", "=", person["id"])],
        ["channel", "granted", "source", "evidence", "text_language"],
    )
    assert [(w["channel"], w["granted"]) for w in words] == [("email", True)]
    assert CODE in words[0]["evidence"]
    events = house.manager.read(
        "veloc.trader.event", [("trader_id", "=", trader["id"])], ["type", "data"]
    )
    assert [(e["type"], e["data"]["variant"]) for e in events] == [("lead", variant)]
    visits = house.manager.read(
        "veloc.touchpoint", [("trader_id", "=", trader["id"])], ["place", "click_kind"]
    )
    assert {(v["place"], v["click_kind"]) for v in visits} == {
        ("first", "fbclid"),
        ("last", "fbclid"),
    }


def people(house, email):
    return house.manager.read("res.partner", [("email", "=", email)], ["name"])


def confirm(house, page, email):
    """Open the link of the mail and press the button there."""
    mail = house.letter_to(email, "the confirmation")
    other = page.context.new_page()
    other.goto(LINK.search(unescape(mail["text"]))[0])
    other.locator("form button").click()
    expect(other.locator(".note")).to_be_visible()
    other.close()


def test_an_english_page_gets_english_words(visit):
    page = visit("/?lang=en")
    page.clock.run_for(31_000)
    expect(dialog(page)).to_have_attribute("lang", "en-US")
    expect(dialog(page).get_by_label("Name")).to_be_visible()


def test_every_field_has_a_name_and_the_focus_stays_inside(visit):
    page = visit()
    page.clock.run_for(31_000)
    nameless = page.evaluate(
        "root => [...root.querySelectorAll('input:not([name=website]), button')]"
        ".filter(e => !(e.labels?.length || e.textContent.trim()"
        " || e.getAttribute('aria-label'))).length",
        page.evaluate_handle(f"document.querySelector('{FORM}').shadowRoot"),
    )
    assert nameless == 0
    inside = f"document.activeElement === document.querySelector('{FORM}')"
    for _tab in range(14):
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement.tagName")
        assert page.evaluate(inside) or focused == "BODY"
    page.keyboard.press("Escape")
    expect(dialog(page)).to_have_count(0)


# === THE SITE'S OWN FORM, AND OTHER SITES === #


def test_a_sign_up_that_is_begun_with_consent_and_left_is_told(
    house, form, visit, site
):
    email = f"began-{uuid4().hex[:8]}@example.com"
    page = visit(clock=False)
    mail = page.locator("input[name=mail]")
    mail.fill(f"no-{email}")
    mail.blur()
    page.wait_for_timeout(500)
    assert people(house, f"no-{email}") == []
    before = numbers(house, form, "signups_started", "signups_left")
    page.evaluate("veloc.consent(true)")
    mail.fill(email)
    mail.blur()
    wait_until(lambda: people(house, email), 20, what="the sign-up begun")
    page.goto("about:blank")
    wanted = {key: number + 1 for key, number in before.items()}
    wait_until(
        lambda: numbers(house, form, *wanted) == wanted, 20, what="the form left"
    )


def test_another_site_can_neither_show_nor_send_the_form(house, form, browser):
    foreign = Site(house.url, CODE)
    page = browser.new_context().new_page()
    try:
        page.goto(foreign.url)
        page.wait_for_timeout(1_000)
        assert page.locator(FORM).count() == 0
        script = (
            "url => fetch(url, {method: 'POST', body: '{}'})"
            ".then(a => a.status, () => 'refused')"
        )
        answer = page.evaluate(script, f"{house.url}/veloc/capture/{CODE}")
        assert answer == "refused"
    finally:
        page.context.close()
        foreign.close()
