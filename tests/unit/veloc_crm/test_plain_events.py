"""The fast road reads what the careful road would read, or leaves it alone."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.veloc_crm.rules.batch import read_batch
from odoo.addons.veloc_crm.rules.event_schema import KNOWN_TYPES
from odoo.addons.veloc_crm.rules.plain_events import CAREFUL_TYPES

NOW = datetime(2026, 11, 22, 12, 0, 0, 123456)
COLUMNS = [
    "index",
    "id",
    "type",
    "is_known",
    "trader",
    "at",
    "amount",
    "currency",
    "company",
    "volume",
    "result",
    "data",
    "plain",
]


def read(line):
    """Return a line as PostgreSQL would take it."""
    values = dict(zip(COLUMNS, line.removesuffix("\n").split("\t"), strict=True))
    found = {
        name: None if text == "\\N" else text.replace("\\\\", "\\")
        for name, text in values.items()
    }
    found["at"] = datetime.fromisoformat(found["at"])
    for name in ("amount", "company", "volume", "result"):
        found[name] = found[name] and Decimal(found[name])
    found["data"] = found["data"] and json.loads(found["data"], parse_float=Decimal)
    return found


def both_roads(rows):
    fast = read_batch("broker", rows, NOW, "BRL")
    careful = read_batch("broker", rows, NOW)
    return fast, careful


def told(**values):
    event = {"id": "e1", "type": "trade", "trader": "T", "at": "2026-11-22T10:00:00Z"}
    return {**event, **values}


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"type": "login", "data": None},
        {"type": "page_viewed", "data": {"page": "/x", "n": 1, "ok": True, "x": 1.5}},
        {"data": {"volume": "10.5", "result": "-3"}},
        {"type": "deposit_approved", "amount": "0.10", "currency": "BRL"},
        {"type": "login", "id": "a\\b", "data": {"say": 'C:\\temp "x"\n\t'}},
        {"at": "2026-11-22T10:00:00.5+00:00"},
        {"at": "2026-11-22T12:05:00.123456Z"},
    ],
)
def test_what_is_plain_is_read_the_same_on_both_roads(values):
    fast, careful = both_roads([told(**values)])
    [line], [other] = fast.lines, careful.careful_lines()
    assert not fast.events
    ours, theirs = read(line), read(other)
    assert (ours.pop("plain"), theirs.pop("plain")) == ("t", "f")
    for found in (ours, theirs):
        for name in ("volume", "result"):  # none and zero are one for a trade
            found[name] = found[name] or Decimal(0)
    assert ours == theirs


@pytest.mark.parametrize(
    "values",
    [
        *[{"type": kind} for kind in sorted(CAREFUL_TYPES & KNOWN_TYPES)],
        {"type": "Trade"},
        {"type": 7},
        {"type": ["trade"]},
        {"id": ""},
        {"id": 7},
        {"id": "x" * 129},
        {"id": "a\tb"},
        {"trader": None},
        {"trader": "T\n"},
        {"at": None},
        {"at": "2026-02-30T10:00:00Z"},
        {"at": "2026-11-22T10:00:00-03:00"},
        {"at": "1969-12-31T23:59:59Z"},
        {"at": "2026-11-22T12:05:00.123457Z"},
        {"at": "\u0662026-11-22T10:00:00Z"},
        {"type": "deposit_approved"},
        {"amount": "1,50"},
        {"amount": 5},
        {"currency": "USD", "amount": "1"},
        {"data": []},
        {"data": {"volume": "many"}},
        {"data": {"result": 5}},
        {"data": {"email": "ana@example.com"}},
        {"data": {"consents": []}},
        {"data": {"deep": {"er": 1}}},
        {"data": {"n": float("nan")}},
        {"data": {"n": 1 << 70}},
        {"data": {"nul": "\u0000"}},
        {"data": {"half": "\ud800"}},
        {"data": {"long": "x" * 16_400}},
    ],
)
def test_what_is_odd_is_left_to_the_careful_road(values):
    fast, careful = both_roads([told(**values)])
    assert not fast.lines
    assert fast.events == careful.events
    assert fast.rejected == careful.rejected


@pytest.mark.parametrize("row", [None, "x", 5, [], {}, ["type"]])
def test_what_is_no_event_is_left_to_the_careful_road(row):
    fast, careful = both_roads([row])
    assert fast.rejected == careful.rejected != []


def test_the_first_of_two_with_one_id_counts_whatever_its_road():
    rows = [told(type="signup"), told(), told(id="e2"), told(id="e2", type="lead")]
    fast, _ = both_roads(rows)
    assert [event.type for event in fast.events] == ["signup"]
    assert [read(line)["id"] for line in fast.lines] == ["e2"]
    assert fast.duplicates == 2


def test_plain_events_of_strangers_change_the_road():
    fast, careful = both_roads([told(id="a"), told(id="b", type="lead"), told(id="c")])
    fast.make_careful([2, 0])
    assert fast.events == careful.events


texts = st.text(max_size=6) | st.sampled_from(["T", "U\\", "a\nb", "ção"])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
amounts = st.none() | st.sampled_from(["1", "1.5", "-1", "1,5", "", "123456789012.5"])
moments = st.one_of(
    st.datetimes(NOW - timedelta(days=400), NOW + timedelta(minutes=6)).map(
        lambda at: at.replace(tzinfo=UTC).isoformat()
    ),
    st.sampled_from(["2026-11-22T10:00:00Z", "2026-11-22 10:00:00Z", "now", None]),
)
events = st.fixed_dictionaries(
    {},
    optional={
        "id": texts,
        "type": st.sampled_from([*sorted(KNOWN_TYPES), "page_viewed", "Bad!", None]),
        "trader": texts,
        "at": moments,
        "amount": amounts,
        "currency": st.sampled_from([None, "BRL", "USD", "reais"]),
        "data": st.none()
        | st.dictionaries(
            st.sampled_from(["volume", "result", "name", "x", "é"]),
            scalars | amounts,
            max_size=3,
        ),
    },
)


@settings(max_examples=400, deadline=None)
@given(st.lists(events, max_size=6))
def test_any_batch_comes_out_of_both_roads_the_same(rows):
    fast, careful = both_roads(rows)
    assert fast.rejected == careful.rejected
    assert fast.duplicates == careful.duplicates
    fast.make_careful([int(line.split("\t")[0]) for line in fast.lines])
    assert fast.events == careful.events
