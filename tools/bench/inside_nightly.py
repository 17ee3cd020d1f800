"""The night's work over everybody inside Odoo, step by step."""

import random
import resource
from datetime import timedelta

from .measure import Watch
from .workload import activity

# What the database itself needs for the heart of a step, without locks, comparing,
# batches or proof; rolled back.
FLOORS = {
    "windows": """
        UPDATE veloc_trader_state s
        SET as_of = s.as_of + 1,
            deposit_total_7 = s.deposit_total_7 - coalesce(o.d7, 0),
            deposit_total_30 = s.deposit_total_30 - coalesce(o.d30, 0),
            deposit_total_90 = s.deposit_total_90 - coalesce(o.d90, 0)
        FROM (
            SELECT trader_id, sum(deposit_total) FILTER (WHERE day = %(day)s - 7) AS d7,
                sum(deposit_total) FILTER (WHERE day = %(day)s - 30) AS d30,
                sum(deposit_total) FILTER (WHERE day = %(day)s - 90) AS d90
            FROM veloc_trader_day_raw
            WHERE day IN (%(day)s - 7, %(day)s - 30, %(day)s - 90)
            GROUP BY trader_id) o
        WHERE o.trader_id = s.id""",
    "reconcile": """
        SELECT count(*) FROM (
            SELECT trader_id, (at AT TIME ZONE 'UTC' AT TIME ZONE 'America/Sao_Paulo')
                ::date AS day, count(*), sum(amount_company), sum(volume), sum(result)
            FROM veloc_trader_event_raw
            WHERE trader_id BETWEEN %(low)s AND %(high)s
            GROUP BY 1, 2) days""",
}


# What came in a day, and whom of the made-up people it is about.
NEWS = 15_000
BATCH = 5_000


def nightly(env):
    """Return seconds and CPU of each step of three nights, and the memory at most.

    The first proves, places and looks at everybody; then the scores are learnt, which
    the job does once a week, and the second night writes everybody's. The third is a
    usual one, after a day's news.
    """
    env.cr.execute("SELECT count(*), min(id), max(id) FROM veloc_trader")
    traders, low, high = env.cr.fetchone()
    env.cr.execute("SELECT max(as_of) FROM veloc_trader_state")
    (day,) = env.cr.fetchone()
    floors = _floors(env, day=day, low=low, high=low + (high - low) // 7)
    start = env.cr.now().replace(microsecond=0)
    nights = {"first night, everybody proved": _night(env, start, 1, is_whole=True)}
    learning = _learn(env)
    nights["second night, with the first scores"] = _night(env, start, 2)
    _news(env, start)
    nights["usual night"] = _night(env, start, 3)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "traders": traders,
        "floors": floors,
        "nights": nights,
        "learning": learning,
        "peak": peak,
    }


def _learn(env):
    """Learn the scores as the weekly job does; return seconds and CPU."""
    env["veloc.score.model"].search([]).looked_at = False
    with Watch([env.cr.connection.info.backend_pid]) as watch:
        env["veloc.score.trainer"]._cron_train()
        env.cr.commit()
    env.invalidate_all()
    return [watch.seconds, watch.cpu]


def _news(env, start):
    """Ingest what those who still come did in a day."""
    env.cr.execute(
        "SELECT split_part(external_ref, '-', 2)::int FROM veloc_trader t"
        " JOIN veloc_trader_state s ON s.id = t.id WHERE external_ref LIKE 'M-%%'"
        " ORDER BY s.active_days_90 > 0 DESC, hashint4(t.id) LIMIT %s",
        [NEWS // 2],
    )
    people = [number for (number,) in env.cr.fetchall()]
    dice = random.Random(f"{start}")
    for seed in range(NEWS // BATCH):
        events = activity(BATCH, "M", 1, f"{start}{seed}")
        for event in events:
            event["trader"] = f"M-{dice.choice(people)}"
        env["veloc.trader.event"].ingest("bench-day", events)
        env.cr.commit()


def _floors(env, **values):
    told = {}
    for name, statement in FLOORS.items():
        with Watch([env.cr.connection.info.backend_pid], own=False) as watch:
            env.cr.execute(statement, values)
        env.cr.rollback()
        told[name] = [watch.seconds, watch.cpu]
    return told


def _night(env, start, number, is_whole=False):
    """Do one night as the job does it, without the scheduler's clock."""
    now, told = start + timedelta(days=number), []
    run = env["veloc.nightly.run"]._current()
    run.write({"started_at": now, "is_whole": is_whole})
    env.cr.commit()
    for _number, code, model, method in sorted(env["veloc.nightly"]._steps()):
        with Watch([env.cr.connection.info.backend_pid]) as watch:
            counts = getattr(env[model], method)(now) or {}
            env.cr.commit()
        run._note(code, watch.seconds, counts)
        env.invalidate_all()
        told.append([code, watch.seconds, watch.cpu, counts])
    run._end()
    env.cr.commit()
    return told
