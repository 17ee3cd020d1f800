"""Published examples of the platforms, and what must hold for any person."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_crm.rules import audience_hash as rule
from odoo.addons.veloc_crm.rules.audience_hash import Identity

ANA = Identity(
    email="ana@example.com",
    phone="+5511961234567",
    first_name="Ana",
    last_name="Silva",
    city="São Paulo",
    state="SP",
    zip_code="01310-100",
    country="BR",
    born=date(1990, 2, 3),
    reference="VB-1",
)


@pytest.mark.parametrize(
    ("normalise", "text", "digest"),
    [
        # Meta, "Customer Information Parameters".
        (
            rule.meta_email,
            " John_Smith@gmail.com ",
            "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f",
        ),
        (
            rule.meta_phone,
            "1 (650) 555-1212",
            "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176",
        ),
        (
            rule.meta_name,
            "Mary",
            "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec",
        ),
        (
            rule.meta_name,
            "Valéry",
            "08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c",
        ),
        (
            rule.meta_name,
            "정",
            "8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14",
        ),
        (
            str.lower,
            "US",
            "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621",
        ),
        # Google, Data Manager formatting guide.
        (
            rule.google_email,
            "dana@example.com",
            "07e2f1394b0ea80e2adca010ea8318df697001a005ba7452720edda4b0ce57b3",
        ),
        (
            rule.google_email,
            " DanaM@Example.com ",
            "1df6b43bc68dd38eca94e6a65b4f466ae537b796c81a526918b40ac4a7b906c7",
        ),
        (
            rule.google_email,
            "cloudy.sanfrancisco+shopping@gmail.com",
            "223ebda6f6889b1494551ba902d9d381daf2f642bae055888e96343d53e9f9c4",
        ),
        # TikTok, "How to create a Custom Audience with a customer file".
        (
            rule.tiktok_email,
            " JaneDoe @gmail.com",
            "d6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69",
        ),
    ],
)
def test_published_examples_come_out_as_published(normalise, text, digest):
    assert rule.sha256(normalise(text)) == digest


@pytest.mark.parametrize(
    ("normalise", "text", "expected"),
    [
        (rule.google_email, "user.name+NYC@Example.com", "user.name+nyc@example.com"),
        (rule.google_email, "A.b+c@GoogleMail.com", "ab@googlemail.com"),
        (rule.google_phone, "+55 (11) 96123-4567", "+5511961234567"),
        (rule.google_name, " D'Ávila ", "dávila"),
        (rule.tiktok_phone, "(+1) 657 777-0000", "+16577770000"),
        (rule.tiktok_phone, "+374 93-828222", "+37493828222"),
        (rule.tiktok_phone, "0055 11 96123-4567", "+5511961234567"),
        (rule.tiktok_phone, "", ""),
        (rule.meta_phone, "0055 11 96123-4567", "5511961234567"),
        (rule.meta_place, "São José dos Campos", "saojosedoscampos"),
        (rule.meta_zip, "01310-100", "01310100"),
        (rule.meta_name, " D'Ávila ", "dávila"),
    ],
)
def test_texts_are_written_as_the_platform_compares_them(normalise, text, expected):
    assert normalise(text) == expected


def test_of_a_name_the_first_and_the_last_word_count():
    assert rule.split_name("Ana Maria da Silva") == ("Ana", "Silva")
    assert rule.split_name("Ana") == ("Ana", "")
    assert rule.split_name("") == ("", "")


def test_meta_gets_hashes_only_and_google_country_and_zip_in_clear():
    assert all(len(cell) == 64 for cell in rule.row(ANA, "meta"))
    google = rule.row(ANA, "google")
    assert all(len(cell) == 64 for cell in google[:4])
    assert google[4:] == ("BR", "01310-100")


def test_tiktok_gets_hashes_of_e_mail_and_phone_and_nothing_else():
    email, phone = rule.row(ANA, "tiktok")
    assert email == rule.sha256("ana@example.com")
    assert phone == rule.sha256("+5511961234567")
    assert rule.row(Identity(phone=ANA.phone), "tiktok") == ("", phone)
    heading = rule.as_csv([(email, phone)], "tiktok").decode().splitlines()[0]
    assert heading == "Email_SHA256,Phone_SHA256"


def test_every_platform_has_its_format_its_name_and_its_smallest_list():
    assert rule.FORMATS.keys() == rule.NAMES.keys() == rule.SMALLEST.keys()


@pytest.mark.parametrize(
    ("texts", "named"),
    [
        (["We hand it to Meta and TikTok."], True),
        (["We hand it to Meta and TikTok.", "À Meta e ao Google."], False),
        (["À Meta e ao tiktok"], True),
        (["The TikTokers"], False),
        ([None], False),
    ],
)
def test_a_platform_must_stand_in_every_text_that_people_agreed_to(texts, named):
    assert rule.is_named("tiktok", texts) is named


def test_what_may_not_be_handed_over_stays_empty():
    assert rule.row(Identity(email="ana@example.com"), "meta")[1:] == ("",) * 9
    assert not Identity(first_name="Ana", country="BR").is_findable


def test_a_file_has_the_platform_s_headings_and_no_telling_order():
    rows = [("b",) * 6, ("a",) * 6]
    lines = rule.as_csv(rows, "google").decode().splitlines()
    assert lines[0] == "Email,Phone,First Name,Last Name,Country,Zip"
    assert lines[1:] == [",".join("a" * 6), ",".join("b" * 6)]


def test_no_cell_is_a_formula():
    assert rule.row(Identity(zip_code="=1+1"), "google")[5] == "'=1+1"


ROWS = st.dictionaries(st.integers(0, 6), st.sampled_from("abcdef"))


@given(ROWS, ROWS)
def test_after_the_changes_the_platform_has_the_list_and_nobody_else(before, now):
    added, removed = rule.changes(before, now)
    there = (set(before.values()) - set(removed.values())) | set(added.values())
    assert there == set(now.values())


@given(ROWS)
def test_without_changes_nothing_is_sent(rows):
    assert rule.changes(rows, rows) == ({}, {})
