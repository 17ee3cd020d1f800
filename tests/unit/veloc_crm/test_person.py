"""People as brokers write them down."""

from datetime import date, datetime

import pytest

from odoo.addons.veloc_crm.rules import person
from odoo.addons.veloc_crm.rules.event_schema import Event
from odoo.addons.veloc_crm.rules.introduction import merge_introductions
from odoo.addons.veloc_crm.rules.person import read_person

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MARIA DAS DORES", "Maria das Dores"),
        ("joão d'ávila", "João D'Ávila"),
        ("  Ana   Clara ", "Ana Clara"),
        ("ana-maria e silva", "Ana-Maria e Silva"),
        ("McDonald da Costa", "McDonald da Costa"),
        ("DE SOUZA", "De Souza"),
        ("12345", None),
        ("   ", None),
        ("x" * 129, None),
        ("Ana\x00", None),
    ],
)
def test_names(text, expected):
    assert person.read_name(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ana@Example.COM ", "ana@example.com"),
        ("a.b+c@mail.example.com.br", "a.b+c@mail.example.com.br"),
        ("ana@example", None),
        ("ana@@example.com", None),
        ("ana..b@example.com", None),
        ("ana b@example.com", None),
        ("@example.com", None),
        ("a" * 250 + "@b.co", None),
    ],
)
def test_addresses(text, expected):
    assert person.read_email(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(11) 96123-4567", "+5511961234567"),
        ("11 6123-4567", "+5511961234567"),
        ("+55 11 6123-4567", "+5511961234567"),
        ("5511961234567", "+5511961234567"),
        ("0055 11 96123-4567", "+5511961234567"),
        ("021 11 96123-4567", "+5511961234567"),
        ("011 96123-4567", "+5511961234567"),
        ("11 3123-4567", "+551131234567"),
        ("+351 912 345 678", "+351912345678"),
        ("+1 415 555 2671", "+14155552671"),
        ("96123-4567", None),
        ("12", None),
        ("", None),
        ("ana@example.com", None),
        ("+55 00 96123-4567", None),
    ],
)
def test_phones(text, expected):
    assert person.read_phone(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("529.982.247-25", "52998224725"),
        ("52998224725", "52998224725"),
        ("529.982.247-26", None),
        ("111.111.111-11", None),
        ("123", None),
        ("", None),
    ],
)
def test_cpf(text, expected):
    assert person.read_cpf(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1990-05-01", date(1990, 5, 1)),
        ("01/05/1990", date(1990, 5, 1)),
        ("01.05.1990", date(1990, 5, 1)),
        ("1990-05-01T00:00:00Z", date(1990, 5, 1)),
        ("31/02/1990", None),
        ("2030-01-01", None),
        ("1800-01-01", None),
        ("May 1990", None),
    ],
)
def test_birth_dates(text, expected):
    assert person.read_birth_date(text, TODAY) == expected


@pytest.mark.parametrize(
    ("born", "adult"),
    [
        (date(2008, 11, 22), date(2026, 11, 22)),
        (date(2008, 2, 29), date(2026, 3, 1)),
    ],
)
def test_the_day_somebody_comes_of_age(born, adult):
    assert person.adult_on(born) == adult


def test_all_27_states():
    assert len(person.UFS) == 27
    assert person.read_uf("br-sp") == "SP"
    assert person.read_uf("XX") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("America/Manaus", "America/Manaus"),
        ("Mars/Olympus", None),
        ("../etc/passwd", None),
        ("", None),
    ],
)
def test_zones(text, expected):
    assert person.read_zone(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("pt-BR", "pt_BR"), ("PT", "pt_BR"), ("en", "en_US"), ("fr", None), (5, None)],
)
def test_languages(text, expected):
    assert person.read_language(text) == expected


def test_what_cannot_be_read_is_named_and_the_rest_kept():
    told = read_person(
        {
            "name": "ANA",
            "email": "nope",
            "phone": 11961234567,
            "cpf": "1",
            "birth_date": "x",
            "state": "ZZ",
            "zone": "Mars",
            "utm_source": " google  ads ",
            "utm_medium": 5,
        },
        TODAY,
    )
    assert (told.name, told.email) == ("Ana", None)
    assert told.utm == {"utm_source": "google ads"}
    assert told.problems == (
        "invalid_email",
        "invalid_phone",
        "invalid_cpf",
        "invalid_birth_date",
        "invalid_state",
        "invalid_zone",
    )
    assert set(told.problems) <= person.MESSAGES.keys()


def test_nothing_said_is_no_problem():
    assert read_person({"name": None, "email": ""}, TODAY).problems == ()


def test_a_cpf_is_read_and_never_shown_by_accident():
    person = read_person({"cpf": "529.982.247-25"}, TODAY)
    assert person.cpf == "52998224725"
    assert "52998224725" not in repr(person)


def told(at, **data):
    return Event(0, f"e{at}", "signup", "T", datetime(2026, 1, at), data=data)


def test_what_was_told_last_wins_and_gaps_are_filled():
    people = merge_introductions(
        [
            told(3, email="new@example.com"),
            told(1, email="old@example.com", name="Ana", utm_source="a"),
            told(2, phone="11961234567", utm_medium="b"),
        ],
        TODAY,
        warn=lambda event, code: pytest.fail(code),
    )
    one = people["T"]
    assert (one.name, one.email) == ("Ana", "new@example.com")
    assert one.phone == "+5511961234567"
    assert one.utm == {"utm_source": "a", "utm_medium": "b"}
    assert one.at == datetime(2026, 1, 3)
    assert one.is_brazilian


def test_each_unreadable_part_is_told_with_its_event():
    warnings = []
    merge_introductions(
        [told(1, email="x"), told(2, phone="y")],
        TODAY,
        warn=lambda event, code: warnings.append((event.id, code)),
    )
    assert warnings == [("e1", "invalid_email"), ("e2", "invalid_phone")]


def test_an_address_is_written_out_and_its_cep_tells_the_state():
    told = read_person(
        {"street": "R. Augusta, 1500", "zip": "01304001", "city": "SÃO PAULO"}, TODAY
    )
    assert (told.street, told.zip) == ("Rua Augusta, 1500", "01304-001")
    assert (told.city, told.uf) == ("São Paulo", "SP")
    assert read_person({"zip": "00000-000"}, TODAY).problems == ("invalid_zip",)
    assert read_person({"zip": "01304-001", "state": "RJ"}, TODAY).uf == "RJ"
