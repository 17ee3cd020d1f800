"""An analyst builds a segment by clicking and finds the people in it."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.support.events import event, signup
from tests.support.visitor import RECORDS, SIZES, visit
from tests.support.waiting import wait_until

NOT_IN = re.compile("Is not in the segment|Não está no segmento")
MEMBERS = """
SELECT t.external_ref FROM veloc_segment_member m
JOIN veloc_segment s ON s.id = m.segment_id
JOIN veloc_trader t ON t.id = m.trader_id WHERE s.code = %s
"""
NAMES = {"in": "Iara Dentro", "poor": "Pedro Pouco", "out": "Otto Fora"}


@pytest.fixture(scope="module")
def people(house, api):
    """Return people: one fits, one has no score, one is in the other segment."""
    refs = {name: f"seg-{uuid4().hex[:8]}" for name in NAMES}
    for name, ref in refs.items():
        api.send(signup(ref, name=NAMES[name], state="AC"))
        api.send(event("self_test", ref), event("self_test", ref))
    house.database.rows(
        "UPDATE veloc_trader_state s SET churn_risk = 0.8 FROM veloc_trader t "
        "WHERE t.id = s.id AND t.external_ref = ANY(%s)",
        [refs["in"], refs["out"]],
    )
    return refs


@pytest.fixture(scope="module")
def left_out(house, people):
    """Return the name of a static list that one of them is in."""
    code = f"list_{uuid4().hex[:8]}"
    segment = house.rpc("e2e_analyst").create(
        "veloc.segment", {"name": f"List {code}", "code": code, "kind": "static"}
    )
    house.database.rows(
        "INSERT INTO veloc_segment_member (segment_id, trader_id, since) "
        "SELECT %s, id, now() FROM veloc_trader WHERE external_ref = %s",
        segment,
        people["out"],
    )
    return code


@pytest.fixture(params=SIZES, scope="module")
def visitor(request, browser, house, people, screenshots):
    visitor = visit(browser, request.param, house.url, "e2e_analyst", screenshots)
    yield visitor
    visitor.leave()


class Builder:
    """The hands on the builder; it may speak Portuguese or English."""

    def __init__(self, page):
        self.root = page.locator(".o_veloc_segment_builder")
        self.preview = self.root.locator("aside")
        self.outer = self.root.locator(".o_veloc_group").first

    def add(self, what, group=None):
        """Add a condition to a group and say what it asks; return its controls."""
        group = group or self.outer
        group.locator(":scope > div > button:has(.fa-plus)").click()
        condition = group.locator(":scope > div > .o_veloc_condition").last
        condition.locator("select").first.select_option(what)
        return condition.locator("select, input")

    def add_group(self, verb):
        """Add a group with one condition; return it and the condition's controls."""
        self.outer.locator(":scope > div > button:has(.fa-sitemap)").click()
        group = self.root.locator(".o_veloc_group .o_veloc_group").last
        group.locator("select").first.select_option(verb)
        return group, group.locator(".o_veloc_condition").first.locator("select")


def test_and_or_not_are_clicked_counted_saved_and_filled(
    visitor, house, people, left_out
):
    page, code = visitor.page, f"clicked_{uuid4().hex[:8]}"
    page.goto(f"{house.url}/odoo/action-veloc_crm.veloc_segment_action/new")
    page.wait_for_selector(".o_veloc_segment_builder")
    name = page.locator("[name=name] input, [name=name] textarea").first
    name.fill(f"Clicked {code}")
    page.locator("[name=code] input").fill(code)
    builder = Builder(page)
    _say_who(builder, left_out)
    _look_at_the_preview(builder)
    visitor.picture("segment-builder")
    assert visitor.is_as_wide_as_the_screen()

    page.locator(".o_form_button_save").click()
    page.wait_for_url(re.compile(r"/\d+$"))  # the form knows that it is saved
    wait_until(
        lambda: house.database.rows(MEMBERS, code) == [(people["in"],)],
        180,
        what="the members of the clicked segment",
    )
    visitor.press_stat_button("action_open_members")
    page.wait_for_selector(RECORDS)
    expect(page.locator(RECORDS)).to_have_count(1)
    expect(page.locator(RECORDS).first).to_contain_text(NAMES["in"])
    visitor.picture("segment-members")
    # A phone chooses people in a dialog of Odoo's own.
    if visitor.name == "desk":
        page.go_back()
        _why(page, people["poor"], NAMES["poor"])
        answer = page.locator(".modal [name=answer]")
        expect(answer).to_contain_text(NOT_IN, timeout=30_000)
        expect(answer).to_contain_text("✗")
        visitor.picture("segment-why")
    assert visitor.errors == []


def _say_who(builder, left_out):
    """From Acre, likely to leave, signed up or traded, and not on the list."""
    # What is asked is the first control of a condition.
    builder.add("field:state").nth(2).select_option("AC")
    score = builder.add("field:churn_risk")
    score.last.fill("0.5")
    score.last.press("Tab")
    either, done = builder.add_group("any")
    done.nth(1).select_option("signup")
    builder.add("event", either).nth(1).select_option("trade")
    _none, other = builder.add_group("none")
    other.first.select_option("segment")
    other.nth(1).select_option(left_out)


def _look_at_the_preview(builder):
    """What is counted is what was clicked: one of the three, who may be reached."""
    preview = builder.preview
    expect(preview.locator(".fs-3")).to_have_text("1", timeout=30_000)
    preview.locator("details:not([open]) > summary").click()
    expect(preview.get_by_role("button", name=NAMES["in"])).to_be_visible()
    preview.locator("select").select_option("marketing")
    preview.locator(".btn-secondary").click()
    row = preview.locator("tr", has_text=re.compile("E-?mail"))
    expect(row.locator("td").first).to_have_text("1", timeout=30_000)
    preview.scroll_into_view_if_needed()


def _why(page, ref, name):
    page.locator(".o_form_statusbar button[name=action_explain]").click()
    page.locator(".modal [name=trader_id] input").fill(ref)
    page.locator(".o-autocomplete--dropdown-item", has_text=name).first.click()
