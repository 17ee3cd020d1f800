"""Ingestion, everything folded: bare SQL, by method, over HTTP with two workers."""

from concurrent.futures import ThreadPoolExecutor

from tests.support.events import EventsApi

from . import pipeline, shell
from .measure import Result, Watch, backends_of, children_of, memory_of
from .workload import BATCH, activity

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
        _post(server, key, warm, WORKERS)
        for clients, reference in bare.items():
            batches = _batches(people, f"http{clients}")
            workers = children_of(server.process.pid)
            pids = [*workers, *backends_of(house.database)]
            with Watch(pids, own=False) as watch:
                _post(server, key, batches, clients)
            most = max(map(memory_of, workers))
            name = f"veloc: HTTP, {WORKERS} workers, clients: {clients}"
            number = sum(map(len, batches))
            note = f"a worker has {most:,.0f} MB at most (wanted: {MEMORY})"
            result = Result(name, "events", number, watch.seconds, watch.cpu, note=note)
            print(_beside(result, reference))
    finally:
        server.stop()


def _beside(result, reference):
    return f"{result.line()}  {result.rate / reference.rate:.2f} of bare"


def _post(server, key, batches, clients):
    """Post the batches from so many clients at a time; each must be taken whole."""

    def post_all(part):
        api = EventsApi(server.url, key)
        for batch in part:
            api.send(*batch, source="bench")

    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(post_all, [batches[n::clients] for n in range(clients)]))
