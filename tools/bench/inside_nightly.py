"""The night's work over everybody inside Odoo, step by step."""

import resource
from datetime import timedelta

from .measure import Watch

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


def nightly(env):
    """Return seconds and CPU of each step of two nights, and the memory at most."""
    env.cr.execute("SELECT count(*), min(id), max(id) FROM veloc_trader")
    traders, low, high = env.cr.fetchone()
    env.cr.execute("SELECT max(as_of) FROM veloc_trader_state")
    (day,) = env.cr.fetchone()
    floors = _floors(env, day=day, low=low, high=low + (high - low) // 7)
    nights = {}
    for number, name in enumerate(("first night, everybody proved", "usual night"), 1):
        now = env.cr.now().replace(microsecond=0) + timedelta(days=number)
        nights[name] = list(_night(env, now, is_whole=number == 1))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"traders": traders, "floors": floors, "nights": nights, "peak": peak}


def _floors(env, **values):
    told = {}
    for name, statement in FLOORS.items():
        with Watch([env.cr.connection.info.backend_pid], own=False) as watch:
            env.cr.execute(statement, values)
        env.cr.rollback()
        told[name] = [watch.seconds, watch.cpu]
    return told


def _night(env, now, is_whole):
    """Do one night as the job does it, without the scheduler's clock."""
    run = env["veloc.nightly.run"]._current()
    run.write({"started_at": now, "is_whole": is_whole})
    env.cr.commit()
    for _number, code, model, method in sorted(env["veloc.nightly"]._steps()):
        with Watch([env.cr.connection.info.backend_pid]) as watch:
            counts = getattr(env[model], method)(now) or {}
            env.cr.commit()
        run._note(code, watch.seconds, counts)
        env.invalidate_all()
        yield [code, watch.seconds, watch.cpu, counts]
    run._end()
    env.cr.commit()
