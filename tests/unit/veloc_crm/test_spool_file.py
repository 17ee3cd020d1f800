"""Files of events: names, lines, and going on where a reader stopped."""

import gzip
import io
import json
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.veloc_crm.rules import spool_file
from odoo.addons.veloc_crm.rules.spool_file import (
    MAX_LINE,
    CsvReader,
    FileError,
    JsonReader,
    NdjsonReader,
    read_name,
    take,
)

ROW = {"id": "1", "type": "login", "trader": "T", "at": "2026-01-01T00:00:00Z"}


def lines(*rows, end="\n"):
    return "".join(json.dumps(row) + end for row in rows).encode()


def codes(reader):
    return [(item.line, item.code) for item in reader]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("platform.ndjson", ("platform", "ndjson", False, False)),
        ("platform.2026-11-22.jsonl.gz", ("platform", "ndjson", True, False)),
        ("bank.history.2024.csv", ("bank", "csv", False, True)),
        ("history.json", ("history", "json", False, False)),
    ],
)
def test_a_name_says_source_form_and_whether_it_is_history(name, expected):
    found = read_name(name)
    assert (found.source, found.kind, found.is_packed, found.is_history) == expected


@pytest.mark.parametrize(
    "name",
    ["a.ndjson.part", ".a.ndjson", "a.txt", "a.gz", "x/a.csv", "csv", "a.csv\x00"],
)
def test_other_names_are_left_alone(name):
    assert read_name(name) is None


def test_empty_lines_a_bom_and_windows_line_ends_do_no_harm():
    content = b"\xef\xbb\xbf" + lines(ROW, end="\r\n") + b"\r\n\n" + lines(ROW)
    reader = NdjsonReader(io.BytesIO(content))
    assert codes(reader) == [(1, None), (4, None)]


def test_a_last_line_without_an_end_counts():
    reader = NdjsonReader(io.BytesIO(lines(ROW) + json.dumps(ROW).encode()))
    assert codes(reader) == [(1, None), (2, None)]


def test_broken_lines_are_named_and_the_others_read():
    content = lines(ROW) + b'{"id": \n' + b"\xff\xfe\n" + b"[NaN]\n" + lines(ROW)
    reader = NdjsonReader(io.BytesIO(content))
    broken = "malformed_line"
    assert codes(reader) == [
        (1, None),
        (2, broken),
        (3, broken),
        (4, broken),
        (5, None),
    ]


@pytest.mark.parametrize(
    "size", [MAX_LINE, MAX_LINE + 1, 3 * MAX_LINE, 3 * MAX_LINE + 5]
)
def test_a_huge_line_is_refused_without_being_held(size):
    content = b'{"x": "' + b"a" * size + b'"}\n' + lines(ROW)
    reader = NdjsonReader(io.BytesIO(content))
    assert codes(reader) == [(1, "line_too_long"), (2, None)]
    assert reader.position == len(content)


def test_deeply_nested_json_is_a_broken_line_and_no_crash():
    reader = NdjsonReader(io.BytesIO(b"[" * 100_000 + b"\n" + lines(ROW)))
    assert codes(reader) == [(1, "malformed_line"), (2, None)]


def test_a_csv_with_the_names_of_the_api_becomes_events():
    content = (
        "id;type;trader;at;amount;currency;data.method;note\r\n"
        '7;deposit_approved;T-1;2026-01-01T10:00:00Z;10.50;BRL;pix;"two\r\nlines"\r\n'
        "8;login;T-1;2026-01-02T10:00:00Z;;;;\r\n"
    )
    reader = CsvReader(io.BytesIO(content.encode("utf-8-sig")))
    items = list(reader)
    assert [item.row for item in items] == [
        {
            "id": "7",
            "type": "deposit_approved",
            "trader": "T-1",
            "at": "2026-01-01T10:00:00Z",
            "amount": "10.50",
            "currency": "BRL",
            "data": {"method": "pix", "note": "two\r\nlines"},
        },
        {"id": "8", "type": "login", "trader": "T-1", "at": "2026-01-02T10:00:00Z"},
    ]
    assert [item.line for item in items] == [2, 4]


def test_a_csv_in_windows_letters_is_read_too():
    content = "id,type,trader,at,name\n1,signup,T,2026-01-01T00:00:00Z,João\n"
    reader = CsvReader(io.BytesIO(content.encode("cp1252")))
    assert [item.row["data"]["name"] for item in reader] == ["João"]


def test_a_row_with_more_cells_than_columns_is_refused():
    content = b"id,type,trader,at\n1,login,T,2026-01-01T00:00:00Z,odd\n2,login,T,x\n"
    assert codes(CsvReader(io.BytesIO(content))) == [(2, "malformed_line"), (3, None)]


def test_a_quote_that_never_ends_costs_its_own_rows_only():
    body = "".join(f"{n},login,T,2026-01-01T00:00:00Z\n" for n in range(9_000))
    content = f'id,type,trader,at\n"open,login,T,x\n{body}'.encode()
    found = codes(CsvReader(io.BytesIO(content)))
    assert found[0] == (2, "malformed_line")
    assert len(found) > 4_000


@pytest.mark.parametrize("content", [b"", b"\n", b"name,email\nAna,a@x.com\n"])
def test_a_csv_without_the_needed_columns_is_refused_whole(content):
    with pytest.raises(FileError) as error:
        CsvReader(io.BytesIO(content))
    assert error.value.code == "unknown_columns"


def test_a_json_file_is_a_list_or_a_body_of_the_api():
    body = json.dumps({"source": "bank", "events": [ROW, ROW]}).encode()
    reader = JsonReader(io.BytesIO(body))
    assert (reader.source, len(list(reader))) == ("bank", 2)
    again = JsonReader(io.BytesIO(json.dumps([ROW, ROW, ROW]).encode()), position=1)
    assert (again.source, [item.line for item in again]) == (None, [2, 3])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", "not_events"),
        (b"3", "not_events"),
        (b'{"events": 3}', "not_events"),
        (b"[" + b" " * spool_file.MAX_JSON + b"]", "too_large"),
    ],
)
def test_another_json_file_is_refused_whole(content, code):
    with pytest.raises(FileError) as error:
        JsonReader(io.BytesIO(content))
    assert error.value.code == code


def test_a_packed_file_goes_on_from_a_position_of_the_unpacked_one():
    content = lines(*({**ROW, "id": str(n)} for n in range(20)))
    packed = gzip.compress(content)
    first = NdjsonReader(gzip.GzipFile(fileobj=io.BytesIO(packed)))
    items = iter(first)
    for _number in range(7):
        next(items)
    second = NdjsonReader(
        gzip.GzipFile(fileobj=io.BytesIO(packed)), first.position, first.line
    )
    assert [item.row["id"] for item in second] == [str(n) for n in range(7, 20)]


def test_a_packed_file_that_ends_in_the_middle_is_noticed():
    packed = gzip.compress(lines(*[ROW] * 500))[:-12]
    with pytest.raises(spool_file.DAMAGED):
        list(NdjsonReader(gzip.GzipFile(fileobj=io.BytesIO(packed))))


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=30).map(lambda b: b.replace(b"\n", b"")),
            st.just(json.dumps(ROW).encode()),
        ),
        max_size=30,
    ),
    st.integers(1, 7),
)
def test_reading_in_pieces_finds_what_reading_at_once_finds(rows, piece):
    content = b"\n".join(rows)
    whole = list(NdjsonReader(io.BytesIO(content)))
    found, position, line = [], 0, 0
    while True:
        reader = NdjsonReader(io.BytesIO(content), position, line)
        batch = list(islice(reader, piece))
        if not batch:
            break
        found += batch
        position, line = reader.position, reader.line
    assert found == whole


def test_a_batch_ends_after_so_many_rows_or_bytes(monkeypatch):
    content = lines(*[ROW] * 10)
    monkeypatch.setattr(spool_file, "BATCH_ROWS", 4)
    reader = NdjsonReader(io.BytesIO(content))
    items = iter(reader)
    assert [len(take(items, reader)) for _n in range(4)] == [4, 4, 2, 0]
    monkeypatch.setattr(spool_file, "BATCH_BYTES", 1)
    reader = NdjsonReader(io.BytesIO(content))
    assert len(take(iter(reader), reader)) == 1
