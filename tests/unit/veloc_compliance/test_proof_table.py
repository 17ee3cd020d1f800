from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_compliance.rules.consent_item import Fault
from odoo.addons.veloc_compliance.rules.proof_table import (
    Settings,
    TableError,
    guess_mapping,
    missing,
    read_answer,
    read_moment,
    read_row,
    read_table,
    write_refused,
)

FILE = """e-mail;Finalidade;Canal;Aceite;Data;IP
ana@example.com;marketing;E-mail;Sim;03/02/2026 10:20;203.0.113.9

rui@example.com;bonus;WhatsApp;não;2026-02-04T11:00:00-03:00;
"""
HOW = Settings(
    {
        "e-mail": "email",
        "Finalidade": "purpose",
        "Canal": "channel",
        "Aceite": "granted",
        "Data": "at",
        "IP": "ip",
    },
    defaults={"source": "fair"},
)


def rows(text=FILE, how=HOW):
    table = read_table(text.encode())
    return [read_row(table.columns, row, how) for row in table.rows]


def test_a_brazilian_file_is_read_as_it_is_meant():
    ana, rui = rows()
    assert dict(ana.person) == {"email": "ana@example.com"}
    assert ana.item["purpose"] == "marketing"
    assert (ana.item["channel"], ana.item["granted"]) == ("email", True)
    assert ana.item["at"] == datetime(2026, 2, 3, 13, 20)
    assert (ana.item["ip"], ana.item["source"]) == ("203.0.113.9", "fair")
    assert (rui.item["channel"], rui.item["granted"]) == ("whatsapp", False)
    assert rui.item["at"] == datetime(2026, 2, 4, 14, 0)


def test_lines_are_those_of_the_file_blank_ones_counted():
    assert read_table(FILE.encode()).lines == (2, 4)


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_delimiter_and_encoding_are_found(delimiter, encoding):
    text = "nome;finalidade\nJosé;marketing\n".replace(";", delimiter)
    table = read_table(text.encode(encoding))
    assert table.columns == ("nome", "finalidade")
    assert table.rows == (("José", "marketing"),)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"email;canal\n", "empty"),
        (b"\x00\x01", "unreadable"),
        (b'a;b\n"' + b"x" * 140_000 + b'";y\n', "unreadable"),
        (b"x" * (20 * 1024 * 1024 + 1), "too_large"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(content, code):
    with pytest.raises(TableError) as error:
        read_table(content)
    assert error.value.code == code


def test_columns_are_guessed_by_name_each_meaning_once():
    found = guess_mapping(["E-mail", "Telefone", "Data", "Data_Hora", "Cor", "CPF"])
    assert found == {
        "E-mail": "email",
        "Telefone": "phone",
        "Data": "at",
        "CPF": "cpf",
    }


@pytest.mark.parametrize(
    ("mapping", "defaults", "gaps"),
    [
        ({}, {}, ["person", "purpose", "channel", "granted", "at"]),
        ({"a": "cpf", "b": "at"}, {"purpose": "x", "channel": "sms"}, ["granted"]),
        (
            {"a": "email", "b": "at"},
            {"purpose": "x", "channel": "sms", "granted": "yes"},
            [],
        ),
    ],
)
def test_what_nothing_gives_is_still_to_map(mapping, defaults, gaps):
    assert missing(mapping, defaults) == gaps


@pytest.mark.parametrize(
    ("column", "text", "fault"),
    [
        ("e-mail", "", Fault("no_person", "person")),
        ("Aceite", "talvez", Fault("invalid", "granted")),
        ("Aceite", "", Fault("invalid", "granted")),
        ("Data", "", Fault("invalid", "at")),
        ("Data", "31/02/2026", Fault("invalid", "at")),
        ("Data", "ontem", Fault("invalid", "at")),
        ("Finalidade", "", Fault("invalid", "purpose")),
    ],
)
def test_a_row_that_says_too_little_is_refused(column, text, fault):
    table = read_table(FILE.encode())
    cells = [
        text if name == column else cell
        for name, cell in zip(table.columns, table.rows[0], strict=True)
    ]
    assert read_row(table.columns, cells, HOW) == fault


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Sim", True),
        ("S", True),
        ("YES", True),
        ("1", True),
        ("opt-in", True),
        ("Não", False),
        ("nao", False),
        ("0", False),
        ("Opt Out", False),
        ("", None),
        ("2", None),
        ("sim, mas não", None),
    ],
)
def test_a_yes_or_no_is_never_guessed(text, answer):
    assert read_answer(text) is answer


@pytest.mark.parametrize(
    ("text", "is_day_first", "moment"),
    [
        ("03/04/2026", True, datetime(2026, 4, 3, 3, 0)),
        ("03/04/2026", False, datetime(2026, 3, 4, 3, 0)),
        ("2026-04-03", True, datetime(2026, 4, 3, 3, 0)),
        ("2026-04-03 10:00:01", True, datetime(2026, 4, 3, 13, 0, 1)),
        ("2026-04-03T10:00:00Z", True, datetime(2026, 4, 3, 10, 0)),
        ("2026-04-03T10:00:00+0200", True, datetime(2026, 4, 3, 8, 0)),
        ("03-04-2026, 10:00", True, datetime(2026, 4, 3, 13, 0)),
        ("0001-01-01T00:00:00+14:00", True, None),
        ("2026-04-03 25:00", True, None),
    ],
)
def test_moments_are_read_in_the_zone_of_the_file(text, is_day_first, moment):
    assert read_moment(text, Settings({}, is_day_first=is_day_first)) == moment


def test_refused_rows_come_back_with_line_and_reason_and_run_nothing():
    table = read_table(b"email;nota\na@b.co;=2+2\nc@d.co;ok\n")
    text = write_refused(table, {2: "No contact"}, ("Line", "Why")).decode("utf-8-sig")
    assert text.splitlines() == ["Line;Why;email;nota", "2;No contact;a@b.co;'=2+2"]


@given(st.binary(max_size=300))
def test_no_file_breaks_the_reader(content):
    try:
        table = read_table(content)
    except TableError:
        return
    for row in table.rows:
        read_row(table.columns, row, HOW)
