"""One person's identifiers are found wherever they stand, and nobody else's."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.veloc_compliance.rules import erased_text

few = settings(max_examples=60, deadline=None)


def found(pattern, text):
    return bool(erased_text.compiled(pattern).search(text))


@pytest.mark.parametrize(
    "text",
    [
        "+5511961234567",
        "ligar (11) 96123-4567 hoje",
        '{"to": "whatsapp:+5511961234567"}',
        "tel:+55-11-96123.4567",
        "11 961234567",
        '{"phone": 5511961234567}',
        "055 11 96123 4567"[1:],
    ],
)
def test_a_phone_number_is_found_in_every_dress(text):
    assert found(erased_text.phone_pattern("+5511961234567"), text)


@pytest.mark.parametrize(
    "text", ["+55119612345678", "911961234567", "+5511961234568", "order 1196123"]
)
def test_another_number_is_not_that_number(text):
    assert not found(erased_text.phone_pattern("+5511961234567"), text)


@pytest.mark.parametrize(
    "text", ["529.982.247-25", "52998224725", "CPF: 529 982 247 25.", '"529982247-25"']
)
def test_a_cpf_is_found_with_and_without_its_points(text):
    assert found(erased_text.digits_pattern("52998224725"), text)


def test_a_number_too_short_to_be_somebody_is_not_looked_for():
    assert erased_text.digits_pattern("1234567") is None


@pytest.mark.parametrize(
    "text",
    [
        "ana@example.com",
        "Ana <ANA@Example.com>",
        "mailto:ana@example.com?x",
        "https://x/?email=ana%40example.com&y",
        "a%3Dana%40example.com",
        "wrote to ana@example.com.",
    ],
)
def test_an_address_is_found_in_links_and_in_capitals(text):
    assert found(erased_text.email_pattern("ana@example.com"), text)


@pytest.mark.parametrize(
    "text", ["joana@example.com", "ana@example.com.br", "x.ana@example.com", "ana"]
)
def test_a_longer_address_is_somebody_else(text):
    assert not found(erased_text.email_pattern("ana@example.com"), text)


@pytest.mark.parametrize("text", ["", "no at", "@example.com", "ana@localhost"])
def test_what_is_no_address_is_not_looked_for(text):
    assert erased_text.email_pattern(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Olá João D'Ávila!",
        "joão  d'ávila",
        "Joao D'Avila",
        "João D&#x27;Ávila",
        "<b>João\nD'Ávila</b>",
    ],
)
def test_a_full_name_is_found_without_accents_and_in_html(text):
    pattern = erased_text.any_of(erased_text.name_patterns("João D'Ávila"))
    assert found(pattern, text)


@pytest.mark.parametrize("text", ["João", "Davila", "xJoão D'Ávila", "João D'Ávilax"])
def test_a_part_of_a_name_is_nobody(text):
    pattern = erased_text.any_of(erased_text.name_patterns("João D'Ávila"))
    assert not found(pattern, text)


def test_a_single_word_is_never_looked_for():
    assert erased_text.name_patterns("Madonna") == []
    assert erased_text.any_of([None, None]) is None


def test_only_the_identifier_goes():
    pattern = erased_text.compiled(erased_text.email_pattern("ana@example.com"))
    text = "from ana@example.com to joana@example.com"
    assert erased_text.redact(pattern, text) == "from [erased] to joana@example.com"


@few
@given(st.text(min_size=1, max_size=20))
def test_quoting_means_just_the_text(text):
    assert re.fullmatch(erased_text.quote(text), text, re.DOTALL)


@few
@given(st.from_regex(r"[1-9][0-9]{10}", fullmatch=True), st.text(max_size=30))
def test_redacting_leaves_no_trace_of_a_number(digits, around):
    pattern = erased_text.compiled(erased_text.digits_pattern(digits))
    text = erased_text.redact(pattern, f"{around} {digits} {around}")
    assert f" {digits} " not in text


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_a_file_keeps_its_encoding(encoding):
    pattern = erased_text.compiled(erased_text.email_pattern("ana@example.com"))
    raw = "João;ana@example.com".encode(encoding)
    cleaned = erased_text.redact_bytes(pattern, raw)
    assert cleaned == "João;[erased]".encode(encoding)
    assert erased_text.redact_bytes(pattern, cleaned) is cleaned
