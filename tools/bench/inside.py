"""The measured calls inside Odoo: same process, so queries can be counted.

``run`` is called by a line that is piped into ``odoo shell``; it prints its result
as one line of JSON after ``BENCH``.
"""

import json

from . import (
    inside_crypto,
    inside_gate,
    inside_ledger,
    inside_nightly,
    inside_scores,
    inside_segments,
    inside_sending,
    inside_story,
    million,
)
from .measure import Watch
from .workload import BATCH, activity, signups

MARK = "BENCH "
ENGINE_BATCH = 500  # rows the engine claims at once


def run(env, what, **options):
    """Run one measurement and print what it gave."""
    print(MARK + json.dumps(CASES[what](env, **options)))


def _watched(env, calls):
    """Run the calls, each committed; return seconds, CPU and queries per call."""
    cursor = env.cr
    before = cursor.sql_log_count
    done = 0
    with Watch([cursor.connection.info.backend_pid]) as watch:
        for call in calls:
            call()
            cursor.commit()
            done += 1
    queries = (cursor.sql_log_count - before) / max(done, 1)
    return {
        "seconds": watch.seconds,
        "cpu": watch.cpu,
        "queries": queries,
        "batches": done,
    }


def decide(env, number, prefix):
    """Sign people up, then let the engine decide all that is due for them."""
    events, engine = env["veloc.trader.event"], env["veloc.cadence.engine"]
    for start in range(0, number, BATCH):
        events.ingest("bench", signups(min(BATCH, number - start), f"{prefix}{start}"))
        env.cr.commit()
    before = _decisions(env)
    told = _watched(
        env,
        [lambda: engine._cron_run(is_urgent=True), engine._cron_run],
    )
    after = _decisions(env)
    made = {verdict: n - before.get(verdict, 0) for verdict, n in after.items()}
    batches = max(sum(made.values()) / ENGINE_BATCH, 1)
    told["queries"] = told["queries"] * told["batches"] / batches
    return told | {"number": sum(made.values()), "verdicts": made}


def _decisions(env):
    env.cr.execute("SELECT verdict, count(*) FROM veloc_decision GROUP BY 1")
    return dict(env.cr.fetchall())


def ingest(env, batches, people, prefix):
    """Ingest batches of activity by the method."""
    method = env["veloc.trader.event"].ingest
    parts = [activity(BATCH, prefix, people, seed) for seed in range(batches)]
    answers = []
    calls = [lambda part=part: answers.append(method("bench", part)) for part in parts]
    # One small batch first: caches and the month's partition are not the question.
    method("bench-warm", activity(10, prefix, people, "warm"))
    env.cr.commit()
    told = _watched(env, calls)
    return told | {"number": sum(answer["accepted"] for answer in answers)}


def queries_by_size(env, sizes, people, prefix):
    """Return how many queries batches of these sizes take."""
    method = env["veloc.trader.event"].ingest
    told = {}
    for size in sizes:
        part = activity(size, prefix, people, f"size{size}")
        env.invalidate_all()
        before = env.cr.sql_log_count
        method("bench-size", part)
        env.cr.commit()
        told[size] = env.cr.sql_log_count - before
    return told


CASES = {
    "crypto": inside_crypto.crypto,
    "decide": decide,
    "gate": inside_gate.gate,
    "ingest": ingest,
    "queries_by_size": queries_by_size,
    "fill": million.fill,
    "nightly": inside_nightly.nightly,
    "scores": inside_scores.scores,
    "segments": inside_segments.segments,
    **inside_ledger.CASES,
    **inside_sending.CASES,
    **inside_story.CASES,
}
