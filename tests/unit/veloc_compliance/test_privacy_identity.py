import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_compliance.rules.privacy_identity import (
    CODE_DIGITS,
    Identity,
    code_from,
    code_hash,
    mask_cpf,
    mask_email,
    mask_phone,
    match,
    read,
    shown,
)


@pytest.mark.parametrize(
    ("raw", "identity"),
    [
        ("ana@example.com", Identity(email="ana@example.com")),
        ("+5511961234567", Identity(phone="+5511961234567")),
        ("529.982.247-25", Identity(cpf="529.982.247-25")),
        ({"email": " ana@example.com "}, Identity(email="ana@example.com")),
        ({"cpf": "1", "name": "Ana"}, Identity(cpf="1")),
    ],
)
def test_an_identity_is_read_from_text_or_object(raw, identity):
    assert read(raw) == identity


@pytest.mark.parametrize(
    "raw",
    [None, 5, [], {}, "", {"email": 5}, {"cpf": "1" * 21}, {"email": "a\x00@b"}],
)
def test_what_makes_no_sense_is_nobody(raw):
    assert read(raw).is_empty


def test_nobody_is_found_by_nothing():
    assert match({}, {}).outcome == "none"
    assert match({"cpf": [], "email": []}, {}).outcome == "none"


def test_one_contact_is_one_person_and_says_why():
    found = match({"cpf": [7], "email": [7]}, {7: "52998224725"}, "52998224725")
    assert (found.outcome, found.people) == ("one", (7,))
    assert found.why == {7: ("cpf", "email")}


def test_contacts_of_one_cpf_are_one_person():
    assert match({"cpf": [7, 9]}, {7: "1", 9: "1"}, "1").outcome == "one"
    assert match({"email": [7, 9]}, {7: "1", 9: "1"}).people == (7, 9)


@pytest.mark.parametrize(
    ("found", "cpf_of", "told"),
    [
        ({"phone": [7, 9]}, {}, ""),  # a family's phone
        ({"phone": [7, 9]}, {7: "1"}, ""),
        ({"phone": [7, 9]}, {7: "1", 9: "2"}, ""),
        ({"email": [7], "phone": [9]}, {}, ""),
        ({"email": [7]}, {7: "2"}, "1"),  # the CPF on file is another one
        ({"cpf": [7], "email": [9]}, {7: "1"}, "1"),
    ],
)
def test_everything_else_is_decided_by_a_person(found, cpf_of, told):
    assert match(found, cpf_of, told).outcome == "desk"


ids = st.lists(st.integers(1, 5), max_size=4)


@given(
    st.dictionaries(st.sampled_from(["cpf", "email", "phone"]), ids),
    st.dictionaries(st.integers(1, 5), st.sampled_from(["", "1", "2"])),
    st.sampled_from(["", "1", "2"]),
)
def test_two_cpfs_are_never_taken_for_one_person(found, cpf_of, told):
    answer = match(found, cpf_of, told)
    numbers = {cpf_of.get(person, "") for person in answer.people} - {""}
    if answer.outcome == "one":
        assert len(numbers | ({told} if told else set())) <= 1
    assert set(answer.people) == {i for hits in found.values() for i in hits}


@given(st.binary(min_size=16, max_size=16))
def test_a_code_is_eight_digits(random):
    code = code_from(random)
    assert len(code) == CODE_DIGITS
    assert code.isdigit()


def test_the_hash_of_a_code_forgives_blanks_and_binds_the_request():
    stored = code_hash(b"k", "2026-A", "12345678")
    assert code_hash(b"k", "2026-A", " 1234 5678 ") == stored
    assert code_hash(b"k", "2026-B", "12345678") != stored
    assert code_hash(b"j", "2026-A", "12345678") != stored


def test_masks_show_enough_for_the_owner_and_no_more():
    assert mask_cpf("529.982.247-25") == "***.982.247-**"
    assert mask_cpf("12") == "***"
    assert mask_email("ana@example.com") == "a***@example.com"
    assert mask_email("ana") == "***"
    assert mask_phone("+55 11 96123-4567") == "*** 4567"
    assert mask_phone("190") == "***"
    assert shown({"cpf": "52998224725", "email": "a@b.c"}) == "***.982.247-**\na@b.c"
