from datetime import UTC, date, datetime

import pytest

from odoo.addons.veloc_messaging.rules import template_variables
from odoo.addons.veloc_messaging.rules.template_variables import (
    VARIABLES,
    BadValueError,
)


def write(name, value, lang="pt_BR", zone="America/Sao_Paulo", **more):
    key = VARIABLES[name].key or name
    raw = {key: value, **more}
    return template_variables.written_values([name], raw, lang, zone).get(name)


@pytest.mark.parametrize(
    ("value", "lang", "currency", "text"),
    [
        ("1234.56", "pt_BR", "BRL", "R$ 1.234,56"),
        ("0", "pt_BR", "BRL", "R$ 0,00"),
        (7, "pt_BR", "USD", "US$ 7,00"),
        (-1.5, "pt_BR", "BRL", "-R$ 1,50"),
        ("1234.56", "en_US", "BRL", "R$1,234.56"),
        ("1234.56", "es_ES", "BRL", "1.234,56 BRL"),
        ("1234.56", "xx_XX", "BRL", "R$ 1.234,56"),
    ],
)
def test_money_is_written_for_its_reader(value, lang, currency, text):
    assert write("amount", value, lang, currency=currency) == text


@pytest.mark.parametrize("name", sorted(VARIABLES))
@pytest.mark.parametrize("lang", ["pt_BR", "en_US", "es_ES"])
def test_no_value_brings_a_hard_space_that_doubles_the_price_of_an_sms(name, lang):
    text = template_variables.samples_for_people(lang)[name]

    assert not {"\u00a0", "\u202f"} & set(text)


@pytest.mark.parametrize(
    ("name", "lang", "zone", "text"),
    [
        ("event_at", "pt_BR", "America/Sao_Paulo", "09/03/2026 22:30"),
        ("event_date", "pt_BR", "America/Sao_Paulo", "09/03/2026"),
        ("event_time", "pt_BR", "America/Rio_Branco", "20:30"),
        ("event_at", "en_US", "America/Manaus", "Mar 9, 2026 9:30 PM"),
        ("event_at", "pt_BR", "UTC", "10/03/2026 01:30"),
    ],
)
def test_a_moment_is_written_on_the_clock_of_its_reader(name, lang, zone, text):
    assert write(name, "2026-03-10T01:30:00Z", lang, zone) == text


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-10 01:30:00",
        "2026-03-09T22:30:00-03:00",
        datetime(2026, 3, 10, 1, 30),
        datetime(2026, 3, 10, 1, 30, tzinfo=UTC),
    ],
)
def test_a_moment_without_a_zone_is_utc(value):
    assert write("event_at", value) == "09/03/2026 22:30"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("amount", "dez"),
        ("amount", "NaN"),
        ("amount", "Infinity"),
        ("amount", True),
        ("amount", []),
        ("event_at", "ontem"),
        ("event_at", date(2026, 3, 10)),
        ("event_at", 12),
        ("days_since_signup", "dez"),
        ("deposit_url", "javascript:alert(1)"),
        ("deposit_url", "https://a b"),
        ("deposit_url", 'https://a"onclick="x'),
    ],
)
def test_a_value_that_is_something_else_is_an_error_that_names_it(name, value):
    with pytest.raises(BadValueError) as error:
        write(name, value)

    assert error.value.name == name


@pytest.mark.parametrize("currency", ["reais", "br", "B/L", 5])
def test_an_unknown_currency_is_an_error(currency):
    with pytest.raises(BadValueError):
        write("amount", "1", currency=currency)


@pytest.mark.parametrize("value", [None, False, "", "  ", "\n"])
def test_an_empty_value_is_left_out(value):
    assert write("reason", value) is None


def test_a_text_cannot_be_longer_than_declared_nor_break_the_line():
    text = write("reason", "a\r\nb\x00c " + "x" * 500)

    assert text.startswith("a b c x")
    assert len(text) == VARIABLES["reason"].longest


def test_what_the_house_says_is_never_cut():
    long = "atendimento.ao.cliente@uma-corretora-muito-grande.example"

    assert write("support_email", long) == long


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Ana", "Ana"),
        ("MARIA DA SILVA", "Maria"),
        ("joão  pedro", "João"),
        ("  Ana\nSouza ", "Ana"),
        ("D'Ávila Melo", "D'Ávila"),
    ],
)
def test_a_person_is_greeted_by_the_first_name(name, first):
    assert template_variables.person_values(name)["first_name"] == first


@pytest.mark.parametrize(
    "name",
    [
        None,
        "",
        False,
        "ana@example.com",
        "www.golpe.com",
        "Ganhe golpe.com.br",
        "http://x",
        "+55 11 99999-0000",
    ],
)
def test_what_is_no_name_is_not_used_as_one(name):
    assert template_variables.person_values(name) == {}


def test_a_caller_brings_the_event_only():
    given = {"amount": 1, "currency": "BRL", "first_name": "X", "broker_name": "Y"}

    taken = template_variables.event_values(given | {"unsubscribe_url": "Z", "a": 1})

    assert taken == {"amount": 1, "currency": "BRL"}


@pytest.mark.parametrize("lang", ["pt_BR", "en_US", "es_ES"])
def test_no_sample_is_longer_than_the_worst_case(lang):
    samples = template_variables.samples_for_people(lang)
    worst = template_variables.written_values(
        VARIABLES,
        template_variables.sample_values(lang, worst=True),
        lang,
        "America/Sao_Paulo",
    )

    assert samples.keys() == worst.keys() == VARIABLES.keys()
    assert not [name for name in samples if len(samples[name]) > len(worst[name])]


def test_an_agents_words_keep_their_lines_and_lose_what_cannot_be_sent():
    raw = {"reply_text": "Olá,\x00 Ana \r\n\nseu   saque saiu\u2028hoje."}

    written = template_variables.written_values(["reply_text"], raw, "pt_BR", "UTC")

    assert written == {"reply_text": "Olá, Ana\n\nseu saque saiu hoje."}


def test_an_agents_words_are_not_cut_at_what_previews_show():
    raw = {"reply_text": "a" * 3000}

    assert template_variables.written_values(["reply_text"], raw, "pt_BR", "UTC") == raw


def test_a_letter_can_be_followed_in_html_and_is_plain_elsewhere():
    text = "Olá <b>Ana</b>.\nVeja https://veloc.example/a?b=1&c=2."
    written = write("notice_text", text)
    link = '<a href="https://veloc.example/a?b=1&amp;c=2">'
    assert f"{link}https://veloc.example/a?b=1&amp;c=2</a>." in written.__html__()
    assert "Olá &lt;b&gt;Ana&lt;/b&gt;." in written.__html__()
    assert str(written) == text
