"""A server killed while it reads a file: every row is stored once."""

import json
import os
import threading
from contextlib import suppress
from http.client import HTTPException

import pytest

from tests.support.events import event, signup
from tests.support.waiting import wait_until

DEPOSITS = 40_000
BROKEN = 7


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spool")
    before = os.environ.get("VELOC_SPOOL")
    os.environ["VELOC_SPOOL"] = str(folder)
    yield folder
    if before is None:
        del os.environ["VELOC_SPOOL"]
    else:
        os.environ["VELOC_SPOOL"] = before


@pytest.fixture(scope="module")
def house(houses, folder):
    return houses("spool", cron_threads=0)


def drop(folder):
    """Put a file there as programs do: written aside, then renamed."""
    rows = [signup(f"spool-{n}") for n in range(50)]
    rows += [
        event("deposit_approved", f"spool-{n % 50}", amount="1.00")
        for n in range(DEPOSITS)
    ]
    rows.append(event("deposit_approved", "spool-1", amount="1,5"))
    rows += [event("login", f"stranger-{n}") for n in range(BROKEN - 1)]
    (folder / "in").mkdir()
    part = folder / "in" / "platform.ndjson.part"
    part.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    part.rename(folder / "in" / "platform.ndjson")
    return len(rows)


def read(house):
    """Have the job run; a server that is killed meanwhile answers nothing."""
    with suppress(OSError, HTTPException):
        house.run_cron("veloc_crm.ir_cron_spool")


def test_a_kill_in_the_middle_loses_nothing_and_doubles_nothing(house, folder):
    lines = drop(folder)
    # The demo has read a file of its own.
    ours = "FROM veloc_spool WHERE name = 'platform.ndjson'"
    position = f"SELECT coalesce(max(position), 0) {ours}"
    reader = threading.Thread(target=read, args=(house,))
    reader.start()
    wait_until(lambda: house.database.value(position), 120, 0.02, "a first batch")
    house.server.kill()
    reader.join()
    state, line = house.database.rows(f"SELECT state, line {ours}")[0]
    assert state == "reading"
    assert 0 < line < lines
    house.server.start()

    def is_read():
        # The dead server's session may hold the row a moment longer: the job comes
        # again each minute, here at once.
        read(house)
        return house.database.rows(counts)[0][0] == "done"

    counts = f"SELECT state, accepted, duplicates, rejected {ours}"
    wait_until(is_read, 120, 1, "the end")
    assert house.database.rows(counts) == [("done", 50 + DEPOSITS, 0, BROKEN)]
    total = (
        "SELECT sum(deposit_count), sum(deposit_total) FROM veloc_trader"
        " WHERE external_ref LIKE 'spool-%%'"
    )
    assert house.database.rows(total) == [(DEPOSITS, DEPOSITS)]
    (rejected,) = (folder / "done").glob("*.rejected.csv")
    assert len(rejected.read_text().splitlines()) == 1 + BROKEN
