import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_compliance.rules.blocklist_file import (
    SCOPES,
    decode,
    is_suspiciously_short,
    normalise,
    read,
)

CPF = "52998224725"


def rows(text, **options):
    return [(row.kind, row.value) for row in read(text, **options) if row.kind]


def problems(text):
    return [(row.line, row.problem) for row in read(text) if row.problem]


@pytest.mark.parametrize(
    "written",
    [
        "(11) 96123-4567",
        "11961234567",
        "+55 11 96123-4567",
        "5511961234567",
        "0 11 96123 4567",
        # Before 2016 mobile numbers had eight digits.
        "(11) 6123-4567",
        "551161234567",
    ],
)
def test_a_number_is_the_same_however_it_is_written(written):
    assert normalise("phone", written) == "+5511961234567"


@pytest.mark.parametrize("written", ["", "96123-4567", "12", "abc", "+55 11 1"])
def test_what_is_no_number_is_none(written):
    assert normalise("phone", written) is None


def test_a_land_line_stays_as_it_is():
    assert normalise("phone", "(11) 3123-4567") == "+551131234567"


def test_a_cpf_is_checked():
    assert normalise("cpf", "529.982.247-25") == CPF
    assert normalise("cpf", "529.982.247-24") is None


def test_an_address_is_lower_case():
    assert normalise("email", " Ana@Example.COM ") == "ana@example.com"
    assert normalise("email", "ana@") is None


def test_the_form_of_nao_me_perturbe_with_area_code_apart():
    text = "DDD;Telefone;Data de inclusão\n11;961234567;01/02/2026\n21;31234567;x\n"
    assert rows(text) == [("phone", "+5511961234567"), ("phone", "+552131234567")]


def test_a_heading_decides_what_a_column_is():
    text = f"nome,CPF do consumidor\nAna,{CPF}\n"
    assert rows(text) == [("cpf", CPF)]


def test_headings_with_accents_and_in_any_order():
    text = "E-mail\tNúmero\nana@example.com\t\n\t(11) 96123-4567\n"
    assert rows(text) == [("email", "ana@example.com"), ("phone", "+5511961234567")]


def test_without_a_heading_the_first_address_of_a_line_counts():
    text = "11961234567\nana@example.com;Ana\nAna;529.982.247-25\n"
    assert rows(text) == [
        ("phone", "+5511961234567"),
        ("email", "ana@example.com"),
        ("cpf", CPF),
    ]


def test_eleven_digits_are_what_the_officer_says_they_are():
    text = "52998224725\n"
    assert rows(text, holds="cpf") == [("cpf", CPF)]
    assert rows(text, holds="email") == []


def test_every_line_that_names_nobody_says_why():
    text = "telefone\n11961234567\nabc\n\n123\n"
    assert problems(text) == [(3, "no_phone"), (5, "no_phone")]


def test_a_line_without_any_address_says_so():
    assert problems("telefone;cpf\n;\n;;\n11961234567;\n x ;\n") == [(5, "no_phone")]
    assert problems("nothing here\n") == [(1, "no_address")]


def test_lists_from_excel_and_from_programs_are_read():
    assert decode("\ufeffmãe".encode()) == "mãe"
    assert decode("mãe".encode("cp1252")) == "mãe"


@given(st.binary(max_size=300))
def test_no_file_breaks_the_reading(data):
    text = decode(data).replace("\0", "").replace("\r", "\n")
    assert all(bool(row.kind) != bool(row.problem) for row in read(text))


@pytest.mark.parametrize(
    ("new", "standing", "odd"),
    [(0, 0, False), (3, 19, False), (9, 20, True), (10, 20, False), (0, 500, True)],
)
def test_a_list_that_lost_half_of_itself_is_looked_at_first(new, standing, odd):
    assert is_suspiciously_short(new, standing) is odd


def test_every_scope_closes_channels_that_exist():
    closed = {channel for channels in SCOPES.values() for channel in channels}
    assert closed == {"call", "sms", "whatsapp", "email", None}
