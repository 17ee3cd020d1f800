"""Several programs send the same events at the same time: each counts once."""

import random
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from tests.support.events import EventsApi, event

CLIENTS = 4
TRADERS = 60
DEPOSITS = 600


def test_overlapping_batches_count_once_and_none_fails(house):
    run = uuid4().hex[:8]
    refs = [f"{run}-{number}" for number in range(TRADERS)]
    signups = [event("signup", ref) for ref in refs]
    dice = random.Random(run)
    deposits = [
        event("deposit_approved", dice.choice(refs), amount="1.00")
        for _ in range(DEPOSITS)
    ]
    key = house.api_key()

    def send_all(seed):
        order = random.Random(seed)
        api = EventsApi(house.url, key)
        batch = order.sample(signups, TRADERS) + order.sample(deposits, DEPOSITS)
        return api.post(*batch, source=run)

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(send_all, range(CLIENTS)))

    assert [answer.status_code for answer in answers] == [200] * CLIENTS
    told = [answer.json() for answer in answers]
    assert not any(answer["rejected"] for answer in told)
    assert sum(answer["accepted"] for answer in told) == TRADERS + DEPOSITS
    traders = house.manager.read(
        "veloc.trader",
        [("external_ref", "in", refs)],
        ["deposit_count", "deposit_total"],
    )
    assert len(traders) == TRADERS
    assert sum(trader["deposit_count"] for trader in traders) == DEPOSITS
    assert sum(trader["deposit_total"] for trader in traders) == DEPOSITS


def test_a_request_sent_twice_at_once_is_done_once_and_answered_twice(house):
    run = uuid4().hex[:8]
    key = house.api_key()
    events = [event("signup", run), event("deposit_approved", run, amount="5.00")]

    def send(_number):
        headers = {"Idempotency-Key": run}
        return EventsApi(house.url, key).post(*events, source=run, headers=headers)

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = [answer.json() for answer in pool.map(send, range(CLIENTS))]

    assert answers == [{"accepted": 2, "duplicates": 0, "rejected": []}] * CLIENTS
