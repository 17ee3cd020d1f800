"""The database goes down in the middle of the sending, as in a power cut."""

import pytest

from tests.support.aftermath import SETTLED
from tests.support.crowd import enqueue_all, make_people, make_template
from tests.support.fast_clock import FastClock
from tests.support.house import House
from tests.support.own_cluster import OwnCluster
from tests.support.waiting import wait_until

MESSAGES = 300
CRASH_AT = 100


@pytest.fixture(scope="module")
def cluster(settings, request):
    cluster = OwnCluster(settings)
    request.addfinalizer(cluster.remove)  # noqa: PT021 also when the start fails
    return cluster.start()


@pytest.fixture(scope="module")
def house(cluster, settings, tmp_path_factory, request):
    folder = tmp_path_factory.mktemp("restart")
    house = House(cluster.settings, "restart", folder, delay_ms=50)
    request.addfinalizer(house.close)  # noqa: PT021 also when the opening fails
    # Processes, as in production: without its database Odoo ends, and whoever watches
    # over it starts it again. A single process would live on with dead job threads.
    house.open(workers=1)
    house.admin.set_parameter("veloc_messaging.lease", 4)
    return house


@pytest.fixture(scope="module")
def story(cluster, house):
    """Queue, crash the database in the middle, and let Odoo come back."""
    make_template(house, "restart", "account_service", sms="Pedido {{ reference }}")
    people = make_people(house, MESSAGES)
    ids = enqueue_all(house, people, "restart", "sms", "restart")
    accepted = lambda: house.sandbox.stats()["accepted"]  # noqa: E731
    wait_until(lambda: accepted() >= CRASH_AT, 60, 0.02, f"{CRASH_AT} sends")
    cluster.crash()
    told = {"ids": ids, "accepted": accepted()}
    told["states"] = house.message_states("id = ANY(%s)", ids)

    def settled():
        _watch_over(house.server)
        states = house.message_states("id = ANY(%s)", ids)
        return states if set(states) <= SETTLED else None

    with FastClock(house.database) as clock:
        try:
            told["end"] = wait_until(settled, 240, 1, "all messages to be settled")
        except AssertionError as vain:
            raise AssertionError(_what_is_stuck(house, clock, ids)) from vain
    return told


def _watch_over(server):
    """Start a server again that has ended, as systemd or Docker would.

    They end what it left behind first: an orphan would hold the port.
    """
    if server.process.poll() is not None:
        server.end_orphans()
        server.start()


def _what_is_stuck(house, clock, ids):
    """Return what a reader of the failed test needs to find the reason."""
    crons = "SELECT cron_name, nextcall, lastcall FROM ir_cron WHERE active"
    return "\n".join(
        [
            f"rows {house.message_states('id = ANY(%s)', ids)}",
            f"server ended: {house.server.process.poll()}, clock: {clock.is_alive()}",
            *map(str, house.database.rows(crons)),
            house.server.text()[-6000:],
        ]
    )


def test_the_server_comes_back_and_sends_each_message_once(house, story, report):
    stats = house.sandbox.stats()
    report(
        f"database crash among {MESSAGES}: {story['accepted']} accepted, rows "
        f"{story['states']}; in the end accepted {stats['accepted']}, distinct "
        f"{stats['distinct']}, doubled {len(stats['doubled_keys'])}, rows "
        f"{story['end']}"
    )
    assert story["states"].get("sending", 0) > 0
    assert stats["doubled_keys"] == []
    assert stats["accepted"] == stats["distinct"] == MESSAGES


def test_the_server_answers_requests_again(house, story):
    assert house.manager.count("veloc.message", [("id", "in", story["ids"])])
