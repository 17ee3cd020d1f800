"""Lines of a CSV that are no rows: each is shown, and spoils no other."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_crm.rules.import_events import Import, name_event
from odoo.addons.veloc_crm.rules.import_table import (
    TableError,
    guess_mapping,
    read_table,
)

ZONE = ZoneInfo("America/Sao_Paulo")


def read(content):
    """Return ``{line: cells}`` and ``{line: what is wrong}``."""
    table = read_table(content)
    return dict(zip(table.numbers, table.rows, strict=True)), table.problems


def test_a_line_with_too_many_cells_is_shown_and_spoils_no_other():
    rows, problems = read(b"a,b\n1,2\n3,4,5\n6,7\n")
    assert problems == {3: "more_cells"}
    assert rows == {2: ("1", "2"), 3: ("3", "4", "5"), 4: ("6", "7")}


def test_empty_cells_at_the_end_are_not_too_many():
    rows, problems = read(b"a;b\n1;2;;\n3;4;;\n")
    assert (rows, problems) == ({2: ("1", "2"), 3: ("3", "4")}, {})


def test_every_line_having_a_cell_more_than_the_header_moves_no_column():
    assert set(read(b"a,b\n1,2,3\n4,5,6\n")[1]) == {2, 3}


def test_a_quote_that_nothing_closes_ends_with_its_line():
    rows, problems = read(b'a,b\n1,2\n"3,4\n5,6\n7,8\n')
    assert problems == {3: "open_quote"}
    assert rows == {2: ("1", "2"), 3: ('"3,4',), 4: ("5", "6"), 5: ("7", "8")}


def test_a_cell_may_hold_lines():
    rows, problems = read(b'a,b\n"x\ny","say ""hi"""\n3,4\n')
    assert (rows, problems) == ({2: ("x\ny", 'say "hi"'), 4: ("3", "4")}, {})


def test_each_line_has_its_own_encoding():
    content = "a,b\nJoão,1\n".encode() + "Antônio,2\n".encode("cp1252") + b"\x81,3\n"
    rows, problems = read(content)
    assert problems == {4: "undecodable"}
    assert (rows[2], rows[3]) == (("João", "1"), ("Antônio", "2"))


def test_columns_of_one_name_or_none_are_told_apart():
    assert read_table(b"v,v,,x\n1,2,3,4\n").columns == ("v", "v.1", "Unnamed: 2", "x")


@given(st.binary(max_size=200))
def test_no_file_breaks_the_reader(content):
    try:
        table = read_table(b"a,b\n" + content)
    except TableError:
        return
    assert len(table.rows) == len(table.numbers) == len(set(table.numbers))
    for number, row in table.readable():
        assert len(row) == 2
        assert number > 1


BROKEN = """trader;date;amount;type
C1;99/99/2026;10,00;depósito
C1;08/05/2026;dez;depósito
C1;08/05/2026;dez;depósito
;08/05/2026;1,00;saque
C2;08/05/2026;1,00;brinde
C2;08/05/2026;1,00;saque;x
"""


def drafts(text, kind="transactions"):
    table = read_table(text.encode())
    job = Import(
        table=table,
        kind=kind,
        mapping=guess_mapping(table.columns, kind),
        zone=ZONE,
        now=datetime(2026, 6, 1, tzinfo=UTC),
    )
    return [row.kept for row in job.rows() if row.problem]


def test_a_row_that_cannot_be_read_is_kept_as_far_as_it_was_understood():
    bad_date, bad_amount, again, no_ref, bad_type, cells = drafts(BROKEN)
    assert bad_date == {
        "type": "deposit_approved",
        "trader": "C1",
        "at": "99/99/2026",
        "amount": "10.00",
        "currency": "BRL",
    }
    assert bad_amount["amount"] == "dez"
    assert bad_amount["at"] == "2026-05-08T03:00:00+00:00"
    assert again == bad_amount | {"nth": 2}, "equal rows are two transactions"
    assert (no_ref["trader"], no_ref["type"]) == ("", "withdrawal_paid")
    assert bad_type["type"] == "brinde"
    assert cells == {"cells": ["C2", "08/05/2026", "1,00", "saque", "x"]}


def test_a_corrected_row_gets_the_id_that_the_corrected_file_would_give_it():
    fixed = BROKEN.splitlines()[0] + "\nC1;08/05/2026;10,00;depósito\n" * 2
    table = read_table(fixed.encode())
    job = Import(
        table=table,
        kind="transactions",
        mapping=guess_mapping(table.columns, "transactions"),
        zone=ZONE,
        now=datetime(2026, 6, 1, tzinfo=UTC),
    )
    ids = [row.event["id"] for row in job.rows()]
    _bad_date, first, second, *_rest = drafts(BROKEN)
    by_hand = {"at": "2026-05-08T00:00:00-03:00", "amount": "10.00"}
    named = [name_event(draft | by_hand) for draft in (first, second)]
    assert [event["id"] for event in named] == ids
    assert "nth" not in named[1]


def test_an_event_with_an_id_keeps_it_and_odd_ones_break_nothing():
    assert name_event({"id": "x"}) == {"id": "x"}
    assert name_event({"type": 3, "at": [], "nth": "a"})["id"]
