"""Four servers, 5,000 messages, a provider that fails in 30 of 100 calls."""

import pytest

from tests.support.crowd import enqueue_all, make_people, make_template
from tests.support.fast_clock import FastClock
from tests.support.waiting import wait_until

MESSAGES = 5000
PEOPLE = 1000
SERVERS = 4
BULK = "veloc_messaging.ir_cron_dispatch_bulk_1"
# More than 30 of 100 calls; each kind is asked after those before it said no.
FAULTS = {
    "html_500": 0.06,
    "drop": 0.06,
    "hang": 0.01,
    "html_500_after_accept": 0.07,
    "drop_after_accept": 0.07,
    "hang_after_accept": 0.01,
    "refuse": 0.06,
    "rate_limit": 0.01,
}
OPTIONS = {
    "hang": {"seconds": 1},
    "hang_after_accept": {"seconds": 1},
    "refuse": {"code": 21614},  # no mobile number: for good
    "rate_limit": {"retry_after": 1},
    "undelivered": {"code": 30005},  # unknown number: not sent again
}
REPORTS = {
    "undelivered": 0.05,
    "no_callback": 0.1,
    "duplicate_callback": 0.1,
    "reversed_callback": 0.1,
}
# With a reason each; nothing may stay in the air, in doubt or unexplained.
ENDED = {"delivered", "sent", "accepted", "failed", "undelivered"}


@pytest.fixture(scope="module")
def house(houses):
    house = houses("chaos", delay_ms=20, cron_threads=2)
    rpc = house.admin
    for number in (3, 4):
        values = {"cron_name": f"Dispatch bulk {number}"}
        rpc.call("ir.cron", "copy", [rpc.ref(BULK)], values)
    rpc.set_parameter("veloc_messaging.lease", 10)
    more = [house.add_server(cron_threads=2) for _n in range(SERVERS - 1)]
    for server in more:
        server.launch()
    for server in more:
        server.wait()
    return house


@pytest.fixture(scope="module")
def story(house):
    """Queue all, let it storm, wait for calm; return ids and end states."""
    for kind, share in {**FAULTS, **REPORTS}.items():
        house.sandbox.fault(kind, share=share, **OPTIONS.get(kind, {}))
    make_template(house, "chaos", "account_service", sms="Pedido {{ reference }}")
    people, ids = make_people(house, PEOPLE), []
    with FastClock(house.database):
        for number in range(MESSAGES // PEOPLE):
            ids += enqueue_all(house, people, "chaos", "sms", f"chaos{number}")

        def calm():
            states = house.message_states("id = ANY(%s)", ids)
            return states if set(states) <= ENDED else None

        states = wait_until(calm, 420, 1, "5,000 messages to find their end")
    return {"ids": ids, "states": states, "hits": _hits(house)}


def _hits(house):
    faults = house.sandbox.get("faults")["faults"]
    return {fault["kind"]: fault["hits"] for fault in faults}


def test_the_storm_was_one(house, story, report):
    stats = house.sandbox.stats()
    struck = sum(story["hits"][kind] for kind in FAULTS)
    report(
        f"random faults: {MESSAGES} messages, {SERVERS} servers, "
        f"{struck} calls failed {story['hits']}; accepted {stats['accepted']}, "
        f"distinct {stats['distinct']}, doubled {len(stats['doubled_keys'])}; "
        f"rows {story['states']}"
    )
    assert all(story["hits"][kind] for kind in {**FAULTS, **REPORTS})
    assert struck > MESSAGES * 0.3


def test_no_message_was_accepted_twice(house, story):
    stats = house.sandbox.stats()
    assert stats["doubled_keys"] == []
    assert stats["accepted"] == stats["distinct"]


def test_what_the_provider_accepted_is_what_the_outbox_says(house, story):
    outbox = house.database.counts(
        "SELECT provider_ref, reference FROM veloc_message"
        " WHERE id = ANY(%s) AND provider_ref IS NOT NULL",
        story["ids"],
    )
    assert {m["sid"]: m["key"] for m in house.sandbox.messages()} == outbox


def test_no_message_was_lost(house, story):
    accepted = house.sandbox.stats()["accepted"]
    refused = house.database.value(
        "SELECT count(*) FROM veloc_message"
        " WHERE id = ANY(%s) AND provider_ref IS NULL AND state = 'failed'",
        story["ids"],
    )
    assert accepted + refused == MESSAGES


def test_every_message_that_did_not_arrive_says_why(house, story):
    silent = house.database.rows(
        "SELECT id, state, failure_class, failure_code FROM veloc_message"
        " WHERE id = ANY(%s) AND state IN ('failed', 'undelivered')"
        " AND (failure_class IS NULL OR failure_code IS NULL)",
        story["ids"],
    )
    assert silent == []


def test_no_server_logged_a_conflict(house, story):
    assert [text for server in house.servers for text in server.conflicts()] == []
