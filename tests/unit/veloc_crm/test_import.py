"""Files of other people's making."""

import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from odoo.addons.veloc_crm.rules.batch import read_batch
from odoo.addons.veloc_crm.rules.import_events import Import
from odoo.addons.veloc_crm.rules.import_run import Tally, plan_events, read_outcomes
from odoo.addons.veloc_crm.rules.import_table import (
    TableError,
    guess_mapping,
    read_amount,
    read_moment,
    read_table,
    sniff_day_first,
    sniff_decimal,
    sniff_delimiter,
)

ZONE = ZoneInfo("America/Sao_Paulo")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_separator_is_found(delimiter):
    lines = ["a,b".replace(",", delimiter), f"1{delimiter}x", f"2{delimiter}y"]
    assert sniff_delimiter("\n".join(lines)) == delimiter


def test_decimal_commas_do_not_fool_the_search_for_the_separator():
    assert sniff_delimiter("ref;valor\na;1,50\nb;2,75\n") == ";"


def test_a_separator_in_quotes_is_none():
    assert sniff_delimiter('name,city\n"a;b;c",x\n"d;e;f",y\n') == ","


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_accents_survive(encoding):
    table = read_table("nome;cidade\nJoão;São Luís\n".encode(encoding))
    assert table.columns == ("nome", "cidade")
    assert table.rows == (("João", "São Luís"),)


def test_lines_keep_their_numbers_over_empty_ones():
    table = read_table(b"a,b\n1,2\n\n,\n3,4\n")
    assert table.numbers == (2, 5)


def test_text_stays_text():
    table = read_table(b"ref,v\n007,1.10\nNA,null\n")
    assert table.rows == (("007", "1.10"), ("NA", "null"))


def test_short_rows_are_filled():
    assert read_table(b"a,b\n1,2\n3\n").rows[1] == ("3", "")


def spreadsheet(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_spreadsheet_is_text_too():
    content = spreadsheet(
        ["ref", "at", "amount"], [7, datetime(2026, 1, 2, 3, 4), 12.5], ["b", None, 3]
    )
    assert read_table(content).rows == (
        ("7", "2026-01-02 03:04:00", "12.5"),
        ("b", "", "3"),
    )


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"  \n", "empty_file"),
        (b"a,b\n", "empty_file"),
        (b"a,b\n,\n", "empty_file"),
        (b"\x00\x01", "unreadable_file"),
        (b"PK\x03\x04", "unreadable_file"),
    ],
)
def test_a_file_that_is_none_is_named(content, code):
    with pytest.raises(TableError) as caught:
        read_table(content)
    assert caught.value.code == code


def test_columns_are_guessed_in_two_languages():
    assert guess_mapping(["Código Cliente", "E-mail", "Data Cadastro"], "traders") == {
        "Código Cliente": "ref",
        "E-mail": "email",
        "Data Cadastro": "at",
    }
    assert guess_mapping(["customer_id", "Date", "Value", "x"], "transactions") == {
        "customer_id": "ref",
        "Date": "at",
        "Value": "amount",
    }


def test_no_column_is_guessed_twice():
    assert sorted(guess_mapping(["id", "client_id"], "traders").values()) == ["ref"]


@pytest.mark.parametrize(
    ("values", "sign"),
    [
        (["1.234,56", "2,00"], ","),
        (["1,234.56"], "."),
        (["12,5"], ","),
        (["1.234"], "."),
        (["1234"], "."),
        ([], "."),
        (["R$ 10,00", "R$ 5,00", "7.50"], ","),
    ],
)
def test_the_decimal_sign_is_found(values, sign):
    assert sniff_decimal(values) == sign


@pytest.mark.parametrize(
    ("text", "sign", "expected"),
    [
        ("R$ 1.234,56", ",", "1234.56"),
        ("1,234.56", ".", "1234.56"),
        ("-12,50", ",", "-12.50"),
        ("0.0", ".", "0.0"),
        ("29.33", ".", "29.33"),
        ("dez", ",", None),
        ("", ".", None),
        ("1.2.3", ",", "123"),
    ],
)
def test_amounts(text, sign, expected):
    assert read_amount(text, sign) == expected


@pytest.mark.parametrize(
    ("values", "first"),
    [
        (["13/01/2026"], True),
        (["01/13/2026"], False),
        (["01/02/2026"], True),
        ([], True),
    ],
)
def test_the_order_of_day_and_month_is_found(values, first):
    assert sniff_day_first(values) is first


@pytest.mark.parametrize(
    ("text", "day_first", "expected"),
    [
        ("19970101", True, "1997-01-01T02:00:00+00:00"),
        ("2026-05-06", True, "2026-05-06T03:00:00+00:00"),
        ("06/05/2026", True, "2026-05-06T03:00:00+00:00"),
        ("06/05/2026", False, "2026-06-05T03:00:00+00:00"),
        ("06/05/2026 14:30", True, "2026-05-06T17:30:00+00:00"),
        ("2026-05-06 14:30:15", True, "2026-05-06T17:30:15+00:00"),
        ("2026-05-06T14:30:15Z", True, "2026-05-06T14:30:15+00:00"),
        ("2026-05-06T14:30:15.5-04:00", True, "2026-05-06T18:30:15+00:00"),
        ("31/02/2026", True, None),
        ("99999999", True, None),
        ("06/05/2026 25:00", True, None),
        ("yesterday", True, None),
        ("", True, None),
    ],
)
def test_moments(text, day_first, expected):
    moment = read_moment(text, day_first, ZONE)
    assert (moment and moment.isoformat()) == expected


def job(text, kind="transactions", **values):
    table = read_table(text.encode())
    return Import(
        table=table,
        kind=kind,
        mapping=guess_mapping(table.columns, kind),
        zone=ZONE,
        now=NOW,
        **values,
    )


MONEY = """ref;date;amount;type
a;01/02/2026;1,50;
a;01/02/2026;1,50;
b;02/02/2026;-3,00;
b;03/02/2026;4,00;saque
;03/02/2026;4,00;
c;never;4,00;
c;03/02/2026;four;
c;03/02/2026;4,00;gift
"""


def test_each_row_becomes_an_event_or_a_problem():
    rows = list(job(MONEY).rows())
    assert [row.number for row in rows] == list(range(2, 10))
    assert [row.problem for row in rows] == [
        *[None] * 4,
        "no_ref",
        "bad_date",
        "bad_amount",
        "bad_type",
    ]
    assert [(row.event["type"], row.event["amount"]) for row in rows[:4]] == [
        ("deposit_approved", "1.50"),
        ("deposit_approved", "1.50"),
        ("withdrawal_paid", "3.00"),
        ("withdrawal_paid", "4.00"),
    ]


def ids(text):
    return [row.event["id"] for row in job(text).rows() if row.event]


def test_equal_rows_are_told_apart_and_the_same_file_gives_the_same_ids():
    assert len(set(ids(MONEY))) == 4
    assert ids(MONEY) == ids(MONEY)


def test_rows_may_move_or_join_without_becoming_others():
    lines = MONEY.splitlines(keepends=True)
    longer = lines[0] + "z;01/01/2026;9,00;\n" + "".join(reversed(lines[1:]))
    assert set(ids(MONEY)) < set(ids(longer))


def test_running_twice_over_one_job_gives_the_same():
    work = job(MONEY)
    assert list(work.rows()) == list(work.rows())


def test_a_file_with_ids_keeps_them():
    assert ids("ref,date,amount,id\na,2026-01-01,1,x-1\n") == ["x-1"]


def test_a_traders_row_is_a_signup_and_a_changed_one_is_news():
    text = "ref,name,email,date\nC1,Ana,a@example.com,2026-01-01\n"
    [row] = job(text, "traders").rows()
    assert row.event["type"] == "signup"
    assert row.event["data"] == {"name": "Ana", "email": "a@example.com"}
    [changed] = job(text.replace("Ana", "Eva"), "traders").rows()
    assert changed.event["id"] != row.event["id"]


def test_traders_without_a_date_sign_up_now():
    [row] = job("ref\nC1\n", "traders").rows()
    assert row.event["at"] == NOW.isoformat()


def test_strangers_sign_up_on_the_day_of_their_first_row():
    work = job("ref,date,amount\na,2026-03-01,1\na,2026-02-01,1\nb,2026-03-01,1\n")
    rows = list(work.rows())
    events, origins = plan_events(work, rows, known={"b"}, introduces=True)
    assert [event["type"] for event in events].count("signup") == 1
    assert events[0]["at"] == "2026-02-01T03:00:00+00:00"
    assert origins[0] is None
    assert all(
        not note
        for note in [read_batch("f", events, NOW.replace(tzinfo=None)).rejected]
    )


def test_nobody_signs_up_when_not_asked():
    work = job(MONEY)
    events, _ = plan_events(work, list(work.rows()), known=(), introduces=False)
    assert {event["type"] for event in events} == {
        "deposit_approved",
        "withdrawal_paid",
    }


def test_outcomes_tell_new_from_known_from_refused():
    work = job(MONEY)
    rows = list(work.rows())
    events, origins = plan_events(work, rows, known=(), introduces=True)
    batch = read_batch("file", events, NOW.replace(tzinfo=None))
    refused = next(n for n, origin in enumerate(origins) if origin is rows[2])
    batch.reject(refused, events[refused]["id"], "no_rate")
    batch.repeated = {event["id"] for event in events} - {rows[0].event["id"]}
    tally = Tally()
    tally.add(read_outcomes(rows, origins, batch), created=2)
    assert (tally.traders, tally.new, tally.duplicate, tally.error) == (2, 1, 2, 5)
    assert [item.code for item in tally.outcomes if item.code] == [
        "no_rate",
        "no_ref",
        "bad_date",
        "bad_amount",
        "bad_type",
    ]
