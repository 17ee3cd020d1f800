"""Messages a second against a provider that answers in 50 ms."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from tests.support.crowd import enqueue_all, make_people, make_template
from tests.support.house import SENDERS
from tests.support.sandbox import ACCOUNT_SID, TOKEN
from tests.support.waiting import wait_until

from .measure import Result, Watch, backends_of

DELAY_MS = 50
TEMPLATE = "bench"


class _Loopback(TwilioHttpClient):
    def __init__(self, base):
        super().__init__(timeout=15)
        self.base = base

    def request(self, method, url, *args, **kwargs):
        url = url.replace("https://api.twilio.com", self.base)
        return super().request(method, url, *args, **kwargs)


def threads_of(house):
    """Return how many messages the product hands over at once, over all its jobs."""
    domain = [("code", "=", "sandbox-sms")]
    (account,) = house.manager.read("veloc.account", domain, ["concurrency"])
    return 2 * account["concurrency"]  # two bulk crons


def product(house, number):
    """Send through outbox and dispatchers; the clock starts when all are queued."""
    make_template(house, TEMPLATE, "account_service", sms="Pedido {{ reference }}")
    people = make_people(house, number)
    house.sandbox.post("reset")
    house.sandbox.fault("no_callback")
    house.sandbox.delay(DELAY_MS)
    with Watch() as queueing:
        enqueue_all(house, people, TEMPLATE, "sms", "bench")
    gone = house.sandbox.stats()["accepted"]
    with Watch([house.server.process.pid, *backends_of(house.database)]) as watch:
        wait_until(
            lambda: house.sandbox.stats()["accepted"] >= number, 120, 0.05, "the sends"
        )
    times = sorted(m["date_created"] for m in house.sandbox.messages())
    first, last = map(datetime.fromisoformat, (times[0], times[-1]))
    flow = (last - first).total_seconds()
    name = f"veloc: outbox to provider, {threads_of(house)} threads"
    note = (
        f"(queueing {number}: {queueing.seconds:.1f} s, {gone} left meanwhile;"
        f" from first to last {flow:.1f} s)"
    )
    return Result(name, "messages", number - gone, watch.seconds, watch.cpu, note=note)


def bare(house, number):
    """Send with the official client and as many threads, nothing stored."""
    house.sandbox.post("reset")
    house.sandbox.fault("no_callback")
    house.sandbox.delay(DELAY_MS)
    threads = threads_of(house)
    http = _Loopback(house.sandbox.url)
    client = Client(ACCOUNT_SID, TOKEN, http_client=http)

    def send(n):
        client.messages.create(
            to=f"+551196{n:07}", from_=SENDERS["sandbox-sms"], body="Pedido 1"
        )

    with Watch() as watch, ThreadPoolExecutor(threads) as pool:
        list(pool.map(send, range(number)))
    name = f"bare: twilio client, {threads} threads"
    return Result(name, "messages", number, watch.seconds, watch.cpu)
