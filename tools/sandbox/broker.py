"""A tiny broker that keeps a demo alive: a few events every few seconds.

``VELOC_API_KEY=… python -m tools.sandbox.broker --url http://localhost:8069``
"""

import argparse
import logging
import os
import random
import sys
import time
from datetime import UTC, datetime

import requests

from .story import Story

log = logging.getLogger("sandbox.broker")


def options_from(arguments):
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://localhost:8069")
    parser.add_argument("--source", default="broker-simulator")
    parser.add_argument("--every", type=float, default=20, help="seconds between posts")
    parser.add_argument("--rounds", type=int, default=360, help="posts, then it ends")
    parser.add_argument("--seed", type=int, help="tell the same story again")
    return parser.parse_args(arguments)


def post(options, key, events):
    """Post a batch; return the answer, None where Veloc did not take it."""
    try:
        answer = requests.post(
            f"{options.url}/veloc/api/v1/events",
            json={"source": options.source, "events": events},
            headers={"Authorization": f"Bearer {key}"},
            timeout=30,
        )
        answer.raise_for_status()
        return answer.json()
    except requests.RequestException as error:
        log.warning("events were not taken: %s", error)
        return None


def main(arguments, environment, sleep=time.sleep):
    """Run the simulator; return its exit code."""
    options = options_from(arguments)
    key = environment.get("VELOC_API_KEY")
    if not key:
        log.error("Set VELOC_API_KEY to the key of the integration user.")
        return 1
    rng = random.Random(options.seed)
    # A new prefix per run: its traders are new, whatever ran before.
    story = Story(rng, prefix=f"sim{datetime.now(UTC):%m%d%H%M%S}")
    for round_ in range(options.rounds):
        now = datetime.now(UTC)
        events = [story.next_event(now) for _n in range(rng.randint(1, 4))]
        events = events if round_ else story.opening(now)
        if answer := post(options, key, events):
            log.info("%s accepted, %s", answer["accepted"], [e["type"] for e in events])
        sleep(options.every)
    return 0


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    sys.exit(main(sys.argv[1:], os.environ))
