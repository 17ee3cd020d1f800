from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_crm.rules import touch

NOW = datetime(2026, 11, 22, 12, 0)


def visit(**said):
    return touch.read_touch({"at": "2026-11-20T10:00:00Z", **said}, NOW)


def test_labels_and_the_click_are_kept_and_the_rest_is_left_out():
    found = visit(utm_source=" google ", utm_term="", gclid="Abc-123_xyz", secret="x")
    assert found.labels == {"utm_source": "google"}
    assert (found.click_kind, found.click_id) == ("gclid", "Abc-123_xyz")
    assert found.at == datetime(2026, 11, 20, 10, 0)


def test_the_query_of_a_page_stays_outside():
    found = visit(utm_source="x", page="https://Broker.example/conta?email=ana@x.com#a")
    assert found.page == "broker.example/conta"


def test_of_a_referrer_only_the_host_is_kept():
    assert visit(referrer="https://www.google.com/search?q=me").referrer == (
        "www.google.com"
    )


@pytest.mark.parametrize("text", ["javascript:alert(1)", "//x", "https://", 7, None])
def test_what_is_no_web_address_is_no_page(text):
    assert touch.read_page(text) is None


@pytest.mark.parametrize("text", ["short", "a b c d e f g", "<script>", "x" * 513, 5])
def test_what_is_no_click_id_is_left_out(text):
    assert visit(utm_source="x", gclid=text).click_id is None


def test_a_visit_that_says_nothing_is_none():
    assert visit() is None
    assert visit(page="https://broker.example/") is None


def test_a_visit_older_than_13_months_is_forgotten():
    assert touch.read_touch({"at": "2025-10-01T00:00:00Z", "utm_source": "x"}, NOW) is (
        None
    )


def test_nobody_came_tomorrow():
    found = touch.read_touch({"at": "2027-01-01T00:00:00Z", "utm_source": "x"}, NOW)
    assert found.at == NOW


def test_what_was_stored_is_read_again_alike():
    pair = touch.read_pair(
        {
            "first": {
                "at": "2026-11-20T10:00:00Z",
                "utm_source": "a",
                "fbclid": "x" * 9,
            },
            "last": {"referrer": "https://t.example/", "page": "https://b.example/p"},
        },
        NOW,
    )
    assert set(pair) == {"first", "last"}
    assert touch.read_pair(touch.as_json(pair), NOW) == pair


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    ["first", "last", "at", "page", "referrer", "gclid", "utm_source"]
                ),
                inner,
            )
        ),
    )
)
def test_whatever_a_browser_sends_is_read_without_a_fault(raw):
    for found in touch.read_pair(raw, NOW).values():
        assert found.at <= NOW
        assert found.at > NOW - touch.KEPT - timedelta(seconds=1)
