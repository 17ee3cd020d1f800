"""Who refers to something is deleted before it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.veloc_compliance.rules.delete_order import referrers_first

few = settings(max_examples=60, deadline=None)


def test_clicks_go_before_links_and_links_before_messages():
    references = {"message": {"account"}, "link": {"message"}, "click": {"link"}}
    assert referrers_first(references) == ["click", "link", "message"]


def test_a_ring_is_no_reason_to_wait_for_ever():
    assert referrers_first({"b": {"a"}, "a": {"b"}, "c": {"c"}}) == ["c", "a", "b"]


@few
@given(
    st.dictionaries(
        st.integers(0, 12).map(str), st.sets(st.integers(0, 12).map(str)), max_size=12
    )
)
def test_without_rings_nobody_refers_to_what_is_gone(references):
    downwards = {
        name: {other for other in others if int(other) < int(name)}
        for name, others in references.items()
    }
    order = referrers_first(downwards)
    assert sorted(order) == sorted(downwards)
    gone = set()
    for name in order:
        assert not downwards[name] & gone
        gone.add(name)
