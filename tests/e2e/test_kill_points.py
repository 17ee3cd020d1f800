"""kill -9 at every point between claim and commit: never twice, never lost."""

import http.client
import os
import signal
import threading
import time
import xmlrpc.client
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import pytest

from tests.support.aftermath import until_settled
from tests.support.crowd import enqueue_all, make_people, make_template
from tests.support.kill_points import Hold, wait_until_gone
from tests.support.ports import unread_requests
from tests.support.waiting import wait_until

MESSAGES = 20
DOUBTFUL = "SELECT id, state FROM veloc_message WHERE state = 'in_doubt'"


@dataclass
class Point:
    """Where the server dies, and how to bring it there."""

    name: str
    move: tuple = ()  # (before, after): it stands in this move …
    at_commit: bool = False  # … or in its COMMIT
    fault: dict = field(default_factory=dict)  # or the provider keeps it waiting
    frozen: bool = False  # the provider's process stands still
    prelude: dict = field(default_factory=dict)  # a fault that came before


HANG = {"kind": "hang", "seconds": 30}
HANG_AFTER = {"kind": "hang_after_accept", "seconds": 30}
POINTS = [
    Point("the claim is being written", ("queued", "sending")),
    Point("the claim is being committed", ("queued", "sending"), at_commit=True),
    Point("the request is on the wire, unread", frozen=True),
    Point("the provider has the request and drops it", fault=HANG),
    Point("the provider accepted, the answer is not back", fault=HANG_AFTER),
    Point("the answer is being written", ("sending", "accepted")),
    Point("the answer is being committed", ("sending", "accepted"), at_commit=True),
    Point("the receipt is being folded", ("accepted", "sent")),
    Point("the lease is being taken back", ("sending", "in_doubt"), prelude=HANG_AFTER),
    Point(
        "the look-up's proof is being written",
        ("in_doubt", "queued"),
        prelude={"kind": "drop"},
    ),
    Point(
        "the look-up's finding is being committed",
        ("in_doubt", "delivered"),
        at_commit=True,
        prelude={"kind": "drop_after_accept"},
    ),
]


@pytest.fixture(scope="module")
def house(houses):
    house = houses("points", delay_ms=20)
    # Shorter than in real life, where a call may hang for its whole time-out.
    house.admin.set_parameter("veloc_messaging.lease", 4)
    house.record_moves()
    make_template(house, "points", "account_service", sms="Pedido {{ reference }}")
    return house


@pytest.fixture(params=POINTS, ids=lambda point: point.name)
def story(request, house):
    """Queue, kill at the point, start again, let it settle; tell what was seen."""
    point = request.param
    house.sandbox.post("reset")
    house.database.rows("TRUNCATE e2e_move")
    people = make_people(house, MESSAGES)
    tag = f"point{POINTS.index(point)}"
    with _standing_at(house, point) as wait:
        ids = enqueue_all(house, people, "points", "sms", tag)
        wait()
        told = {
            "accepted": house.sandbox.stats()["accepted"] if not point.frozen else "?",
            "states": house.message_states("id = ANY(%s)", ids),
            "ids": ids,
            "point": point,
        }
        house.server.kill()
    wait_until_gone(house.database)
    told["after"] = house.message_states("id = ANY(%s)", ids)
    house.sandbox.clear_faults()
    house.server.start()
    told["end"] = until_settled(house, ids)
    told["moves"] = house.moves()
    return told


@contextmanager
def _standing_at(house, point):
    """Yield a function that returns once the server stands at the point."""
    if point.prelude:
        # Reports would settle it before the look-up is needed.
        house.sandbox.fault("no_callback")
        house.sandbox.fault(**point.prelude)
    if point.move:
        with Hold(house.database, *point.move, at_commit=point.at_commit) as hold:
            yield lambda: _until_held(house, hold, point)
    elif point.frozen:
        os.kill(house.sandbox.process.pid, signal.SIGSTOP)
        try:
            yield lambda: _until_on_the_wire(house)
        finally:
            os.kill(house.sandbox.process.pid, signal.SIGCONT)
    else:
        house.sandbox.fault(**point.fault)
        yield lambda: _until_struck(house)


def _until_held(house, hold, point):
    if point.prelude:
        # Silent from here on: only the settler can move them.
        _until_struck(house)
        threading.Thread(target=_settle, args=(house,), daemon=True).start()
    hold.wait_for_victim()


def _settle(house):
    """Let the settler look now, until the server that does it is dead."""
    with suppress(OSError, http.client.HTTPException, xmlrpc.client.Fault):
        while True:
            house.settle(*house.database.counts(DOUBTFUL))
            time.sleep(0.5)


def _until_on_the_wire(house):
    unread = lambda: unread_requests(house.sandbox.port)  # noqa: E731
    wait_until(unread, 30, 0.05, "requests that nobody reads")


def _until_struck(house):
    hits = lambda: house.sandbox.get("faults")["faults"][-1]["hits"]  # noqa: E731
    wait_until(hits, 30, 0.05, "the fault to strike")


def test_every_message_is_accepted_once_wherever_the_server_died(house, story, report):
    stats = house.sandbox.stats()
    moves = story["moves"]
    report(
        f"kill -9 while {story['point'].name}: accepted {story['accepted']} of "
        f"{MESSAGES}, rows {story['states']}; then {story['after']}; in doubt "
        f"{sum(n for (_b, a), n in moves.items() if a == 'in_doubt')}, again on proof "
        f"{moves.get(('in_doubt', 'queued'), 0)}; in the end accepted "
        f"{stats['accepted']}, distinct {stats['distinct']}, doubled "
        f"{len(stats['doubled_keys'])}, rows {story['end']}"
    )
    assert stats["doubled_keys"] == []
    assert stats["accepted"] == stats["distinct"] == MESSAGES
    assert sum(story["end"].values()) == MESSAGES
    outbox = house.database.counts(
        "SELECT provider_ref, reference FROM veloc_message WHERE id = ANY(%s)",
        story["ids"],
    )
    assert {m["sid"]: m["key"] for m in house.sandbox.messages()} == outbox
