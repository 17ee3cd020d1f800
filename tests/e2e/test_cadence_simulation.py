"""An analyst tries a cadence before it meets anybody, at a desk and on a phone."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.support.events import consents, event, signup
from tests.support.visitor import SIZES, visit

# The house may speak Portuguese or English to the analyst.
SIMULATE = re.compile("^(Simulate|Simular)$")
COME_IN = re.compile(r"\b[1-9]\d* (come in|entram)")
NEVER_AGREED = re.compile("never consented|nunca autorizou")
NAMES = ("Berenice Agreed", "Silvio Silent")
WRITTEN = ("veloc_enrolment", "veloc_decision_raw", "veloc_message")


@pytest.fixture(scope="module")
def people(house, api):
    """Return the references of one who agreed and one who never did."""
    agreed, silent = (f"sim-{uuid4().hex[:8]}" for _ in range(2))
    old = datetime.now(UTC) - timedelta(days=90)
    api.send(
        signup(agreed, old, name=NAMES[0], consents=consents("email", "sms")),
        signup(silent, old, name=NAMES[1], consents=[]),
        event("login", agreed, old),
        event("login", silent, old),
    )
    return agreed, silent


@pytest.fixture(scope="module")
def cadence(house):
    """Return a new cadence of two e-mails that is still a draft."""
    analyst = house.rpc("e2e_analyst")
    code = f"tried_{uuid4().hex[:8]}"
    values = {"name": "Tried First", "code": code, "entry_event_type": "login"}
    cadence = analyst.create("veloc.cadence", values)
    (row,) = analyst.read("veloc.cadence", [("id", "=", cadence)], ["draft_version_id"])
    (*_others, known) = analyst.read(
        "veloc.cadence.step",
        [("channel", "=", "email"), ("version_id.cadence_id.code", "=", "activation")],
        ["template_id"],
    )
    for days in (0, 3):
        analyst.create(
            "veloc.cadence.step",
            {
                "version_id": row["draft_version_id"][0],
                "sequence": days,
                "name": f"Day {days}",
                "wait_value": days,
                "channel": "email",
                "template_id": known["template_id"][0],
                "useful_until_hours": 96,
            },
        )
    return cadence


@pytest.fixture(params=SIZES, scope="module")
def visitor(request, browser, house, people, screenshots):
    visitor = visit(browser, request.param, house.url, "e2e_analyst", screenshots)
    yield visitor
    visitor.leave()


def test_a_cadence_is_tried_with_named_people_and_nothing_is_written(
    visitor, house, people, cadence
):
    page = visitor.page
    before = [house.database.value(f"SELECT count(*) FROM {name}") for name in WRITTEN]
    page.goto(f"{house.url}/odoo/action-veloc_crm.veloc_cadence_action/{cadence}")
    _press_simulate(page)
    page.wait_for_selector("[name=who]")
    if visitor.name == "desk":
        _name_people(page, people)
    _press_simulate(page)
    told = page.locator(".alert-info")
    expect(told).to_contain_text(COME_IN, timeout=60_000)
    visitor.picture("simulation-steps")
    page.locator(".o_notebook a.nav-link[name=people]").click()
    lines = page.locator("[name=line_ids]")
    if visitor.name == "desk":
        expect(lines).to_contain_text(NAMES[0])
    expect(lines).to_contain_text(NEVER_AGREED)
    lines.scroll_into_view_if_needed()
    visitor.picture("simulation-people")
    assert visitor.is_as_wide_as_the_screen()
    assert visitor.errors == []
    after = [house.database.value(f"SELECT count(*) FROM {name}") for name in WRITTEN]
    assert after == before


def _name_people(page, people):
    """Choose two by their references; on a phone the cadence's own are taken."""
    page.locator("[name=who] input[data-value=people]").check()
    for ref, name in zip(people, NAMES, strict=True):
        page.locator("[name=trader_ids] input").fill(ref)
        page.locator(".o-autocomplete--dropdown-item", has_text=name).first.click()


def _press_simulate(page):
    """Press the button in the form's head; on a phone it may hide in a menu."""
    page.wait_for_selector(".o_form_view .o_field_widget")
    bar = page.locator(".o_form_statusbar")
    button = bar.get_by_role("button", name=SIMULATE)
    if not button.count():
        bar.locator("button").last.click()
        button = page.get_by_role("menuitem", name=SIMULATE)
    button.first.click()
