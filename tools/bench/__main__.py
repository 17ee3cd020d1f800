"""Measure the main road beside its bare references: ``python -m tools.bench``."""

import argparse
import os
import shutil
import sys

from tests.support.events import EventsApi
from tests.support.house import House
from tests.support.settings import Settings

from . import (
    callbacks,
    crypto,
    floor,
    gate,
    ingest,
    ledger,
    nightly,
    raw,
    scores,
    segments,
    sending,
    shell,
    story,
)
from .measure import Result, environment_line
from .workload import signups

PEOPLE = 1000
SIGNUPS = 2000
MESSAGES = 600
DECISION_BATCH = 500


def main(arguments):
    """Print all lines; return the exit code."""
    options = _parser().parse_args(arguments)
    settings = callbacks.with_empty_route(Settings.from_environment())
    folder = settings.artefacts / f"bench-{os.getpid()}"
    house = House(settings, "bench", folder)
    try:
        house.open()
        print(environment_line(house.database))
        if options.ledger:
            house.server.stop()
            ledger.measure(house, options.entries)
        elif options.million:
            house.server.stop()
            _million(house, options)
        else:
            _road(house, options)
    finally:
        house.close()
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


def _parser():
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="keep the bench's folder")
    parser.add_argument("--floor", action="store_true", help="only the sending")
    parser.add_argument("--ingest", action="store_true", help="only the ingestion")
    parser.add_argument("--ledger", action="store_true", help="only the ledger")
    parser.add_argument(
        "--million", action="store_true", help="only the work over a million traders"
    )
    parser.add_argument("--traders", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument(
        "--entries", type=int, default=200_000, help="in the ledger (default 200,000)"
    )
    return parser


def _road(house, options):
    """Measure the main road, or the one part of it that was asked for."""
    api = EventsApi(house.url, house.api_key())
    api.send(*signups(PEOPLE, "bench", days_ago=60))
    if not options.ingest:
        _sending(house)
    house.server.stop()
    if not options.floor:
        ingest.measure(house, PEOPLE)
    if options.ingest:
        return
    if not options.floor:
        _inside(house)
        crypto.measure(house)
        ledger.measure(house, options.entries)
        gate.measure(house)
        story.measure(house)
    floor.measure(house)


def _million(house, options):
    nightly.fill(house, options.traders, options.events)
    segments.measure(house)
    scores.measure(house)
    nightly.measure(house)


def _show(reference, *results):
    print(reference.line())
    for result in results:
        print(result.line(reference))


def _sending(house):
    print(f"\nMessages to a provider that answers in {sending.DELAY_MS} ms")
    ours = sending.product(house, MESSAGES)
    _show(sending.bare(house, MESSAGES), ours)


def _inside(house):
    print("\nDecisions (claim, plan, ask the gate, decision row, outbox row)")
    told = shell.measure(house, "decide", number=SIGNUPS, prefix="decide")
    ours = _result("veloc: engine, two steps for each sign-up", "decisions", told)
    _show(raw.decisions(house.database, SIGNUPS * 2, DECISION_BATCH), ours)
    print(f"  verdicts: {told['verdicts']}")


def _result(name, unit, told):
    return Result(
        name, unit, told["number"], told["seconds"], told["cpu"], told["queries"]
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
