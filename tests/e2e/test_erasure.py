"""A person with traces everywhere is erased; a reader of the dump finds nothing.

And a retention run that is killed in the middle deletes exactly what it had to.
"""

import contextlib
import os
import subprocess
import threading
import xmlrpc.client
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support import retention_rows
from tests.support.crowd import enqueue_all, make_template
from tests.support.events import EventsApi, consents, event, signup
from tests.support.waiting import wait_until

REF = "zu-4711"
NAME = "Zoraide Quintanilha Abrantes"
NAMESAKE = "Zoraide Pimentel"
EMAIL = "zoraide.abrantes@pessoa.example.com"
PHONE = "+5511987651234"
CPF = "529.982.247-25"
# What somebody with the dump in hand would search for.
NEEDLES = [
    "quintanilha",
    "abrantes",
    EMAIL,
    "987651234",
    "98765-1234",
    "529.982.247",
    "52998224725",
]
ROWS = int(os.environ.get("VELOC_RETENTION_ROWS", "40000"))


@pytest.fixture(scope="module")
def house(houses):
    return houses("erasure", cron_threads=0)


@pytest.fixture(scope="module")
def api(house):
    return EventsApi(house.url, house.api_key())


@pytest.fixture(scope="module")
def person(house, api):
    """Return the contact of somebody the house has written about everywhere."""
    told = {"name": NAME, "email": EMAIL, "phone": PHONE, "cpf": CPF}
    api.send(
        signup(REF, **told),
        event("login", REF, device=f"phone of {NAME}"),
        signup("zp-1", name=NAMESAKE),
    )
    (id_,) = house.admin.search("res.partner", [("email", "=", EMAIL)])
    _write(house, id_)
    _send(house, id_)
    return id_


def _write(house, id_):
    """Let colleagues write down what they know, also where it does not belong."""
    rpc = house.admin
    (other,) = rpc.search("res.partner", [("name", "=", NAMESAKE)])
    text = f"{NAME}, {EMAIL}, {PHONE}, (11) 98765-1234, CPF {CPF}"
    for record in (id_, other):
        rpc.call("res.partner", "message_post", [record], body=text, subject=NAME)
    rpc.write("res.partner", [id_], {"street": "Rua Abrantes 1", "comment": text})
    rpc.create("crm.lead", {"name": f"Call {NAME}", "email_from": EMAIL})
    for record in (id_, other):
        rpc.create(
            "ir.attachment",
            {
                "name": "people.csv",
                "raw": f"name;email\n{NAME};{EMAIL}\n{NAMESAKE};z@x.example.com\n",
                "res_model": "res.partner",
                "res_id": record,
            },
        )
    rpc.create(
        "mail.mail",
        {"email_to": f"{NAME} <{EMAIL}>", "subject": NAME, "body_html": text},
    )


def _send(house, id_):
    make_template(house, "zu", "account_service", sms="Oi {{ name }} {{ reference }}")
    enqueue_all(house, [id_], "zu", "sms", "zu", variables={"reference": NAME})
    house.dispatch()


def _dump(house):
    """Return the whole database as text, as a thief would read it."""
    settings = house.settings
    login = {
        "PGHOST": settings.pg_host,
        "PGPORT": settings.pg_port,
        "PGUSER": settings.pg_user,
        "PGPASSWORD": settings.pg_password,
    }
    program = Path(os.environ["VELOC_PG_BIN"]) / "pg_dump"
    done = subprocess.run(
        [program, "-d", house.database.name, "--inserts"],
        env={**os.environ, **login},
        check=True,
        capture_output=True,
    )
    return done.stdout.decode("utf-8", "replace").lower()


def _found(text):
    """Return the lines that still speak of the person, cut to be readable."""
    return [
        line[:300]
        for line in text.splitlines()
        if any(needle.lower() in line for needle in NEEDLES)
    ]


def _found_in_files(house):
    folder = house.folder / "data" / "filestore" / house.database.name
    return [
        str(path)
        for path in folder.rglob("*")
        if path.is_file()
        and any(n.lower().encode() in path.read_bytes().lower() for n in NEEDLES)
    ]


@pytest.fixture(scope="module")
def erased(house, person):
    """Erase the person as an officer does; return the erasure."""
    assert _found(_dump(house))
    assert _found_in_files(house)
    sums = _sums(house)
    rpc = house.manager
    # She never became a client of age: the account is closed long ago.
    rpc.write("res.partner", [person], {"veloc_relationship_end": "2001-05-02"})
    wizard = rpc.create(
        "veloc.erasure.ask",
        {"partner_ids": [(6, 0, [person])], "reason": "request", "is_sure": True},
    )
    house.press("veloc.erasure.ask", "action_erase", [wizard])
    house.run_cron("veloc_compliance.ir_cron_erasure")
    (erasure,) = rpc.read(
        "veloc.erasure", [("partner_id", "=", person)], ["state", "failure"]
    )
    return {**erasure, "sums": sums}


def _sums(house):
    """Return what the numbers on the boards are made of."""
    return [
        house.database.rows(query)
        for query in (
            "SELECT state, count(*) FROM veloc_message GROUP BY 1 ORDER BY 1",
            "SELECT type, count(*), sum(amount) FROM veloc_trader_event_raw"
            " GROUP BY 1 ORDER BY 1",
            "SELECT count(*), sum(net_deposit), sum(trade_count) FROM veloc_trader",
            "SELECT count(*), sum(event_count) FROM veloc_trader_day",
            "SELECT granted, count(*) FROM veloc_consent GROUP BY 1 ORDER BY 1",
            "SELECT stage, count(*) FROM veloc_lifecycle_event GROUP BY 1 ORDER BY 1",
        )
    ]


def test_the_erasure_went_all_the_way(erased):
    assert (erased["state"], erased["failure"]) == ("destroyed", False)


@pytest.mark.usefixtures("erased")
def test_nothing_of_the_person_is_in_the_dump(house):
    assert not _found(_dump(house))


@pytest.mark.usefixtures("erased")
def test_nothing_of_the_person_is_in_the_filestore(house):
    assert not _found_in_files(house)


@pytest.mark.usefixtures("erased")
def test_the_person_with_the_same_first_name_is_untouched(house):
    (other,) = house.admin.read(
        "res.partner", [("name", "=", NAMESAKE)], ["email", "phone", "active"]
    )
    assert other["email"] == "zp-1@example.com"
    assert other["phone"]
    assert other["active"]
    assert NAMESAKE.lower() in _dump(house)


def test_counts_and_sums_are_what_they_were(house, erased):
    assert _sums(house) == erased["sums"]


@pytest.mark.usefixtures("erased")
def test_the_ledger_still_verifies(house):
    answer = house.manager.call("veloc.ledger.entry", "verify")
    assert answer["findings"] == []
    assert answer["size"] + answer["waiting"] > 0


@pytest.mark.usefixtures("erased")
def test_a_late_event_brings_nobody_back_and_its_row_says_why(api):
    late = datetime.now(UTC) - timedelta(days=3)
    answers = api.post(
        signup(REF, late, email=EMAIL),
        event("login", REF),
        signup("zu-new-ref", late, phone=PHONE),
        signup("somebody-else"),
    ).json()
    assert answers["accepted"] == 1
    codes = [(row["index"], row["code"]) for row in answers["rejected"]]
    assert codes == [(0, "erased_person"), (1, "erased_person"), (2, "erased_person")]


@pytest.mark.usefixtures("erased")
def test_an_import_over_rpc_brings_nobody_back(house):
    with pytest.raises(xmlrpc.client.Fault, match="erased_person"):
        house.admin.create("res.partner", {"name": "Z", "email": EMAIL.upper()})
    with pytest.raises(xmlrpc.client.Fault, match="erased_person"):
        house.admin.create("crm.lead", {"name": "Z", "phone": "11 98765 1234"})


@pytest.mark.usefixtures("erased")
def test_a_sign_up_of_their_own_makes_a_new_person(house, api, person):
    api.send(signup(REF, email=EMAIL, phone=PHONE, consents=consents("sms")))
    (again,) = house.admin.search("res.partner", [("email", "=", EMAIL)])
    assert again != person


@pytest.fixture(scope="module")
def story(house):
    """Kill the server in the middle of a retention run, and let it go on."""
    rows = retention_rows.fill(house, ROWS)
    expected = retention_rows.due(rows)
    job = threading.Thread(target=_run_retention, args=(house,), daemon=True)
    job.start()
    wait_until(lambda: _done(house) > 0, 60, 0.005, "the first batch")
    house.server.kill()
    job.join(30)
    survivors = retention_rows.left(house, rows)
    house.server.start()
    for _pass in range(20):
        _run_retention(house)
        if _last_run(house)["state"] != "running":
            break
    return rows, expected, survivors, _last_run(house)


def _run_retention(house):
    # The server may be killed under it, which is the point.
    with contextlib.suppress(OSError, xmlrpc.client.Error):
        house.run_cron("veloc_compliance.ir_cron_retention")


def _done(house):
    query = "SELECT coalesce(sum(done), 0) FROM veloc_retention_run_line"
    return house.database.value(query)


def _last_run(house):
    domain = [("is_dry", "=", False)]
    names = ["state", "found", "done"]
    return house.manager.read(
        "veloc.retention.run", domain, names, limit=1, order="id desc"
    )[0]


def test_a_run_that_is_killed_leaves_work_undone(story):
    rows, expected, survivors, _run = story
    assert survivors > set(rows) - expected


def test_after_a_kill_exactly_what_was_due_is_gone(house, story, report):
    rows, expected, survivors, run = story
    gone = set(rows) - retention_rows.left(house, rows)
    report(
        f"retention of {len(rows)} rows killed after {len(rows) - len(survivors)}:"
        f" {len(gone)} gone, {len(expected)} due, run counts {run['done']}"
    )
    assert gone == expected


def test_after_a_kill_each_row_is_counted_once(story):
    _rows, expected, _survivors, run = story
    assert run["state"] == "done"
    assert run["found"] == run["done"]
    assert run["done"] >= len(expected)
