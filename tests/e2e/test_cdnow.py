"""The real history through the events route: 2,357 traders, 6,919 deposits."""

import csv
from decimal import Decimal

import pytest

from tests.support.settings import ROOT

HISTORY = ROOT / "addons/veloc_crm/tests/data/cdnow_transactions.csv"
BATCH = 5000
SOURCE = "cdnow"


@pytest.fixture(scope="module")
def house(houses):
    return houses("cdnow")


@pytest.fixture(scope="module")
def api(house):
    from tests.support.events import EventsApi

    return EventsApi(house.url, house.api_key())


@pytest.fixture(scope="module")
def history():
    with HISTORY.open() as file:
        return list(csv.DictReader(file))


def trader_ref(row):
    return f"cdnow-{row['sampleid']}"


def when(row):
    day = row["date"]
    return f"{day[:4]}-{day[4:6]}-{day[6:]}T12:00:00Z"


@pytest.fixture(scope="module")
def imported(api, history):
    """Post sign-ups, then deposits, in batches of 5,000; return the answers."""
    first = {}
    for row in history:
        first.setdefault(trader_ref(row), when(row))
    events = [
        {"id": f"s-{ref}", "type": "signup", "trader": ref, "at": at, "data": {}}
        for ref, at in first.items()
    ]
    events += [
        {
            "id": f"d-{number}",
            "type": "deposit_approved",
            "trader": trader_ref(row),
            "at": when(row),
            "amount": row["sales"],
            "currency": "BRL",
        }
        for number, row in enumerate(history)
    ]
    batches = [events[n : n + BATCH] for n in range(0, len(events), BATCH)]
    return [api.send(*batch, source=SOURCE) for batch in batches], batches


def test_every_row_is_accepted_once(api, imported):
    answers, batches = imported
    assert sum(answer["accepted"] for answer in answers) == 2357 + 6919
    again = api.send(*batches[-1], source=SOURCE)
    assert (again["accepted"], again["duplicates"]) == (0, len(batches[-1]))


def test_there_are_2357_traders_with_6919_deposits(house, imported):
    rows = house.database.rows(
        "SELECT count(*), sum(deposit_count), sum(deposit_total) FROM veloc_trader"
        " WHERE external_ref LIKE 'cdnow-%%'"
    )
    traders, deposits, total = rows[0]
    assert (traders, deposits) == (2357, 6919)
    assert total > 0


def test_the_totals_are_those_of_the_file(house, history, imported):
    total = sum(Decimal(row["sales"]) for row in history)
    stored = house.database.value(
        "SELECT sum(deposit_total) FROM veloc_trader WHERE external_ref LIKE 'cdnow-%%'"
    )
    assert abs(Decimal(str(stored)) - total) < Decimal("0.01")


def test_first_deposit_dates_are_those_of_the_file(house, history, imported):
    first = {}
    for row in history:
        day = when(row)[:10]
        first[trader_ref(row)] = min(day, first.get(trader_ref(row), day))
    stored = house.database.counts(
        "SELECT external_ref, first_deposit_at::date::text FROM veloc_trader"
        " WHERE external_ref LIKE 'cdnow-%%'"
    )
    assert stored == first


def test_every_trader_has_a_tier_and_a_stage(house, imported):
    stages = house.database.counts(
        "SELECT stage, count(*) FROM veloc_trader"
        " WHERE external_ref LIKE 'cdnow-%%' GROUP BY 1"
    )
    assert sum(stages.values()) == 2357
    assert not {"lead", "signup"} & set(stages)
    no_tier = house.database.value(
        "SELECT count(*) FROM veloc_trader"
        " WHERE external_ref LIKE 'cdnow-%%' AND tier_id IS NULL"
    )
    assert no_tier == 0


def test_history_sends_nothing_to_anybody(house, imported):
    assert house.sandbox.stats()["accepted"] == 0
    assert house.sandbox.stats()["emails"] == 0
