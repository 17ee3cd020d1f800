"""Four server processes dispatch from one database: no double, no conflict."""

import re

import pytest

from tests.support.crowd import enqueue_all, make_people, make_template
from tests.support.waiting import wait_until

MESSAGES = 1000
SERVERS = 4
BULK = "veloc_messaging.ir_cron_dispatch_bulk_1"


@pytest.fixture(scope="module")
def house(houses):
    house = houses("four", delay_ms=20, cron_threads=1)
    _have_four_dispatchers(house)
    more = [house.add_server(cron_threads=1) for _n in range(SERVERS - 1)]
    for server in more:
        server.launch()
    for server in more:
        server.wait()
    return house


def _have_four_dispatchers(house):
    """A cron record runs on one worker of all hosts, so four are needed."""
    rpc = house.admin
    copied = [house.admin.ref(BULK)]
    for number in (3, 4):
        values = {"cron_name": f"Dispatch bulk {number}"}
        copied += rpc.call("ir.cron", "copy", [copied[0]], values)


@pytest.fixture(scope="module")
def states(house):
    # What is measured is the sending; 2,000 reports would only make it longer.
    house.sandbox.fault("no_callback")
    make_template(house, "four", "account_service", sms="Pedido {{ reference }}")
    people = make_people(house, MESSAGES)
    ids = enqueue_all(house, people, "four", "sms", "four")
    # Every dispatcher is called at once, as a busy minute would.
    crons = house.admin.search("ir.cron", [("cron_name", "ilike", "bulk")])
    house.database.rows(
        "UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' WHERE id = ANY(%s)",
        crons,
    )

    def gone():
        states = house.message_states("id = ANY(%s)", ids)
        return None if {"queued", "sending"} & set(states) else states

    return wait_until(gone, 120, 0.25, "all messages to leave")


def servers_at_work(house):
    """Return the servers whose log shows a dispatcher that sent something."""
    sent = re.compile(r"send bulk messages.*done [1-9]")
    return [server.port for server in house.servers if sent.search(server.text())]


def test_each_of_1000_messages_left_exactly_once(house, states, report):
    stats = house.sandbox.stats()
    report(
        f"four dispatchers: {MESSAGES} messages, {stats['accepted']} accepted, "
        f"{stats['distinct']} distinct, {len(stats['doubled_keys'])} doubled, "
        f"states {states}, servers that sent: {len(servers_at_work(house))}"
    )
    assert stats["doubled_keys"] == []
    assert stats["accepted"] == stats["distinct"] == MESSAGES
    assert states == {"accepted": MESSAGES}


def test_the_work_was_shared_by_several_servers(house, states):
    assert len(servers_at_work(house)) >= 2


def test_no_server_logged_a_conflict_or_an_error(house, states):
    for server in house.servers:
        assert server.conflicts() == []
        assert server.troubles() == []
