import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_crm.rules import capture_form as rule

BOX = {"purpose": "marketing", "channel": "email", "version": 1, "hash": "h"}
BODY = {"name": "ana da silva", "email": "Ana@Example.com", "boxes": [BOX]}


def errors(**changes):
    return rule.read({**BODY, **changes}, asks_phone=True).errors


def test_a_form_is_read_and_tidied():
    found = rule.read({**BODY, "phone": "(11) 96123-4567"}, asks_phone=True)
    assert (found.name, found.email) == ("Ana da Silva", "ana@example.com")
    assert found.phone == "+5511961234567"
    assert found.boxes == (rule.Box("marketing", "email", 1, "h"),)
    assert not found.errors


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"name": ""}, "name", "missing_name"),
        ({"name": "123"}, "name", "invalid_name"),
        ({"name": "x" * 600}, "name", "invalid_name"),
        ({"email": None}, "email", "missing_email"),
        ({"email": "ana@"}, "email", "invalid_email"),
        ({"email": ["ana@example.com"]}, "email", "invalid_email"),
        ({"phone": "12"}, "phone", "invalid_phone"),
        ({"boxes": []}, "boxes", "missing_box"),
        ({"boxes": None}, "boxes", "missing_box"),
        ({"boxes": "all"}, "boxes", "malformed"),
        ({"boxes": [{"purpose": "marketing"}]}, "boxes", "malformed"),
        ({"boxes": [{**BOX, "version": True}]}, "boxes", "malformed"),
        ({"boxes": [{**BOX, "channel": "sms"}]}, "phone", "missing_phone"),
    ],
)
def test_each_wrong_field_is_named(changes, field, code):
    assert errors(**changes)[field] == code
    assert code in rule.MESSAGES


def test_all_wrong_fields_are_named_at_once():
    assert set(errors(name="", email="", boxes=[])) == {"name", "email", "boxes"}


def test_a_phone_nobody_asked_for_is_not_kept():
    assert rule.read({**BODY, "phone": "11961234567"}, asks_phone=False).phone == ""


def test_a_box_of_an_old_text_is_stale():
    box = rule.Box("marketing", "email", 1, "h")
    assert rule.stale_boxes([box], {("marketing", "email"): (1, "h")}) == []
    assert rule.stale_boxes([box], {("marketing", "email"): (2, "h")}) == [box]
    assert rule.stale_boxes([box], {("marketing", "email"): (1, "other")}) == [box]
    assert rule.stale_boxes([box], {}) == [box]


@given(
    st.dictionaries(
        st.sampled_from(["name", "email", "phone", "boxes"]),
        st.none() | st.integers() | st.text() | st.lists(st.text() | st.just(BOX)),
    )
)
def test_whatever_is_sent_is_read_without_a_fault(body):
    found = rule.read(body, asks_phone=True)
    assert found.errors or (found.name and found.email and found.boxes)
