"""Two records become one, and two again, while programs send events for both.

A second server takes half of the events: what it remembers of references is its own.
"""

import random
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from tests.support.events import EventsApi, event, new_phone, signup
from tests.support.house import PASSWORD
from tests.support.rpc import WebSession
from tests.support.waiting import wait_until

SENDERS = 4
PATIENCE = 120
FIGURES = """
SELECT t.deposit_count, t.deposit_total, t.trade_count,
       s.deposit_count_90, s.deposit_total_90, s.trade_count_90,
       (SELECT coalesce(sum(d.deposit_count), 0) FROM veloc_trader_day_raw d
         WHERE d.trader_id = t.id),
       (SELECT coalesce(sum(d.trade_count), 0) FROM veloc_trader_day_raw d
         WHERE d.trader_id = t.id),
       s.event_count,
       (SELECT count(*) FROM veloc_trader_event_raw e WHERE e.trader_id = t.id)
  FROM veloc_trader t JOIN veloc_trader_state s ON s.id = t.id
 WHERE t.external_ref = %s
"""
ORPHANS = """
SELECT (SELECT count(*) FROM veloc_trader_event_raw e
         WHERE e.source = %(s)s AND NOT EXISTS (
            SELECT FROM veloc_trader t WHERE t.id = e.trader_id)),
       (SELECT count(*) FROM veloc_trader_day_raw d
         WHERE NOT EXISTS (SELECT FROM veloc_trader t WHERE t.id = d.trader_id)),
       (SELECT count(*) FROM veloc_ingest_reject r WHERE r.source = %(s)s)
"""


class Senders:
    """Programs that send small batches for both references until they are told."""

    def __init__(self, houses_urls, key, refs, source):
        self.refs, self.source, self.halt = refs, source, threading.Event()
        self.sent = {ref: Counter() for ref in refs}
        self.totals = Counter()
        self.troubles, self.lock, self.batches = [], threading.Lock(), 0
        self.threads = [
            threading.Thread(target=self._send, args=(url, key, number))
            for number, url in zip(range(SENDERS), houses_urls * SENDERS, strict=False)
        ]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        wait_until(lambda: self.batches >= SENDERS, PATIENCE, what="first batches")
        return self

    def __exit__(self, *_args):
        self.halt.set()
        for thread in self.threads:
            thread.join(PATIENCE)

    def wait_for_more(self, number=2 * SENDERS):
        """Wait until so many further batches were answered."""
        goal = self.batches + number
        wait_until(lambda: self.batches >= goal, PATIENCE, what="further batches")

    def _send(self, url, key, number):
        api, dice = EventsApi(url, key), random.Random(number)
        while not self.halt.is_set():
            batch = [self._event(dice) for _ in range(dice.randrange(1, 6))]
            answer = api.post(*batch, source=self.source)
            while answer.status_code == 503:
                time.sleep(float(answer.headers["Retry-After"]))
                answer = api.post(*batch, source=self.source)
            with self.lock:
                self._count(batch, answer)

    def _event(self, dice):
        """Return an event of any age: late ones change no last date."""
        kind = dice.choice(("deposit_approved", "trade", "login", "odd_type"))
        at = datetime.now(UTC) - timedelta(minutes=dice.randrange(1, 80 * 24 * 60))
        amount = "2.50" if kind == "deposit_approved" else None
        return event(kind, dice.choice(self.refs), at, amount)

    def _count(self, batch, answer):
        if answer.status_code != 200 or answer.json()["rejected"]:
            self.troubles.append((answer.status_code, answer.text[:300]))
            return
        self.batches += 1
        for one in batch:
            self.sent[one["trader"]][one["type"]] += 1


@pytest.fixture(scope="module")
def second(house):
    """Return a second server of the same house: another process, other caches."""
    server = house.add_server(cron_threads=0)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def pair(house, api):
    """Return the references and contacts of one person who was recorded twice."""
    refs = [f"twice-{uuid4().hex[:8]}" for _ in range(2)]
    old, phone = datetime.now(UTC) - timedelta(days=100), new_phone()
    for ref in refs:
        api.send(signup(ref, old, name="Dora Dupla", phone=phone, consents=[]))
    found = house.manager.read(
        "veloc.trader", [("external_ref", "in", refs)], ["external_ref", "partner_id"]
    )
    partners = {row["external_ref"]: row["partner_id"][0] for row in found}
    return refs, [partners[ref] for ref in refs]


def _merge(house, partners, keep):
    """Merge as a person does; in a session of its own, threads share none."""
    staff = WebSession(house.url, house.database.name, "e2e_manager", PASSWORD)
    values = {"left_id": partners[0], "right_id": partners[1], "keep": keep}
    wizard = staff.call("veloc.merge.wizard", "create", [values])
    wizard_ids = wizard if isinstance(wizard, list) else [wizard]
    return staff.call("veloc.merge.wizard", "action_merge", wizard_ids)["res_id"]


def _figures(house, ref):
    (row,) = house.database.rows(FIGURES, ref)
    return [Decimal(str(value)) for value in row]


def _expected(*counters):
    """Return the same from what was sent; a sign-up is an event too."""
    sent = sum(counters, Counter())
    deposits, trades = sent["deposit_approved"], sent["trade"]
    total = Decimal("2.50") * deposits
    events = sum(sent.values()) + len(counters)
    numbers = (deposits, total, trades) * 2 + (deposits, trades, events, events)
    return [Decimal(number) for number in numbers]


def _nothing_lost(house, source):
    with_source = house.database.rows(ORPHANS.replace("%(s)s", "%s"), source, source)
    assert with_source == [(0, 0, 0)]


@pytest.mark.parametrize("keep", ["left", "right"])
def test_events_that_come_while_two_are_merged_are_all_with_the_one(
    house, second, pair, keep, report
):
    refs, partners = pair
    source = f"merge-{uuid4().hex[:8]}"
    with Senders([house.url, second.url], house.api_key(), refs, source) as senders:
        _merge(house, partners, keep)
        senders.wait_for_more()
    kept = refs[0] if keep == "left" else refs[1]
    report(f"{senders.batches} batches beside a merge, {senders.troubles or 'no'} lost")
    assert senders.troubles == []
    assert _figures(house, kept) == _expected(*senders.sent.values())
    _nothing_lost(house, source)


def test_events_that_come_while_a_merge_is_undone_are_with_whom_they_name(
    house, second, pair, report
):
    refs, partners = pair
    source = f"undo-{uuid4().hex[:8]}"
    with Senders([house.url, second.url], house.api_key(), refs, source) as senders:
        merge = _merge(house, partners, "left")
        senders.wait_for_more()
        house.press("veloc.merge", "action_undo", [merge])
        senders.wait_for_more()
    report(f"{senders.batches} batches beside an undo, {senders.troubles or 'no'} lost")
    assert senders.troubles == []
    for ref in refs:
        assert _figures(house, ref) == _expected(senders.sent[ref])
    _nothing_lost(house, source)


def test_two_merges_at_once_are_both_done(house, second, api):
    """Each merge has the lock alone, whoever waits: no deadlock, both are done."""
    people = []
    for number in range(2):
        refs = [f"cross-{uuid4().hex[:8]}" for _ in range(2)]
        phone = new_phone()
        for ref in refs:
            api.send(signup(ref, name=f"Cruz {number}", phone=phone, consents=[]))
        found = house.manager.read(
            "veloc.trader", [("external_ref", "in", refs)], ["partner_id"]
        )
        people.append([row["partner_id"][0] for row in found])
    done = []

    def merge(partners, keep):
        done.append(_merge(house, partners, keep))

    threads = [
        threading.Thread(target=merge, args=(people[0], "left")),
        threading.Thread(target=merge, args=(people[1], "right")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    # Each is a merge of its own, and neither waits any more.
    assert len(set(done)) == 2
