"""Ingestion, everything folded: bare SQL, by method, over HTTP with two workers.

The bodies are encoded before the clock starts and posted as bytes: the broker's
programs do that on a machine of their own, not on the cores that are measured.
"""

from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import urlsplit

import orjson

from . import pipeline, shell
from .measure import Result, Watch, backends_of, children_of, memory_of
from .workload import BATCH, activity, body

WORKERS = 2
BATCHES = 8
WANTED = 20_000
MEMORY = 512


def measure(house, people):
    """Print all lines of ingestion; the house's first server is stopped."""
    print(f"\nEvents in batches of {BATCH:,} (3 of 4 are trades, the rest logins)")
    print(f"  wanted: {WANTED:,} events/s, half of the bare pipeline")
    batches = _batches(people, "bare")
    one = pipeline.measure(house.database, batches, 1)
    both = pipeline.measure(house.database, _batches(people, "bare2"), 2)
    print(one.line(), both.line(), sep="\n")
    told = shell.measure(house, "ingest", batches=4, people=people, prefix="bench")
    names = ("number", "seconds", "cpu", "queries")
    method = Result("veloc: by method", "events", *(told[name] for name in names))
    print(_beside(method, one))
    _over_http(house, people, {1: one, 2: both})
    sizes = shell.measure(
        house, "queries_by_size", sizes=[10, 100, 1000], people=people, prefix="bench"
    )
    print(f"  queries by size of the batch: {sizes}")


def _batches(people, seed):
    return [activity(BATCH, "bench", people, f"{seed}{n}") for n in range(BATCHES)]


def _over_http(house, people, bare):
    server = house.add_server(workers=WORKERS, cron_threads=0)
    server.start()
    try:
        key = house.api_key()
        warm = [activity(500, "bench", people, f"warm{n}") for n in range(6)]
        _post(server, key, list(map(body, warm)), WORKERS)
        for clients, reference in bare.items():
            bodies = list(map(body, _batches(people, f"http{clients}")))
            workers = children_of(server.process.pid)
            pids = [*workers, *backends_of(house.database)]
            with Watch(pids, own=False) as watch:
                number = _post(server, key, bodies, clients)
            most = max(map(memory_of, workers))
            name = f"veloc: HTTP, {WORKERS} workers, clients: {clients}"
            note = f"a worker has {most:,.0f} MB at most (wanted: {MEMORY})"
            result = Result(name, "events", number, watch.seconds, watch.cpu, note=note)
            print(_beside(result, reference))
    finally:
        server.stop()


def _beside(result, reference):
    return f"{result.line()}  {result.rate / reference.rate:.2f} of bare"


def _post(server, key, bodies, clients):
    """Post the bodies from so many clients at a time; return how many were taken."""

    def post_all(part):
        line = HTTPConnection(urlsplit(server.url).netloc, timeout=120)
        headers = {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
        }
        taken = 0
        for content in part:
            line.request("POST", "/veloc/api/v1/events", content, headers)
            answer = line.getresponse()
            told = answer.read()
            assert answer.status == 200, told[:500]
            told = orjson.loads(told)
            assert not told["rejected"], told["rejected"][:3]
            taken += told["accepted"]
        line.close()
        return taken

    with ThreadPoolExecutor(clients) as pool:
        return sum(pool.map(post_all, [bodies[n::clients] for n in range(clients)]))
