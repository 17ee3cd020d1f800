"""RFM, clusters and scores of everybody inside Odoo, step by step."""

import resource

from odoo.tools import SQL

from .measure import Watch

# What the database needs to read the three numbers of each client, once.
FLOOR = """
    SELECT count(s.last_active_day + s.deposit_days + t.net_deposit::int)
      FROM veloc_trader_state s JOIN veloc_trader t ON t.id = s.id
     WHERE s.company_id = %s AND s.first_deposit_day IS NOT NULL"""


def scores(env):
    """Return seconds, CPU and counts of each step, and the memory it took at most.

    Without the scheduler's clock: each step does all of its work.
    """
    now = env.cr.now().replace(microsecond=0)
    told = {"traders": env["veloc.trader.state"].search_count([]), "steps": []}
    steps = (
        ("bare SQL: one look at three numbers", lambda: _floor(env)),
        ("rfm: limits and scores, nothing written", lambda: _rfm(env)),
        ("rfm: first night (all rows change)", lambda: _night(env, "rfm", now)),
        ("rfm: second night", lambda: _night(env, "rfm", _later(now))),
        ("clusters: choose and assign", lambda: _night(env, "cluster", now)),
        ("training of all models", lambda: _train(env)),
        ("scores: first night", lambda: _night(env, "score", now)),
        ("scores: second night", lambda: _night(env, "score", _later(now))),
    )
    for name, call in steps:
        with Watch([env.cr.connection.info.backend_pid]) as watch:
            counts = call()
            env.cr.commit()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        told["steps"].append([name, watch.seconds, watch.cpu, peak, counts])
        env.invalidate_all()
    return told


def _later(now):
    return now.replace(minute=(now.minute + 7) % 60)


def _night(env, what, now):
    return env[f"veloc.{what}.run"]._nightly(now)


def _rfm(env):
    """Find the limits, and whose scores differ from what is written."""
    runs = env["veloc.rfm.run"]
    company = {"company_id": env.company.id, "as_of": env.cr.now().date()}
    run = runs.new(company | runs._measures())
    run.update(found := run._find_limits())
    changed = run._changed(SQL("s.company_id = %s", env.company.id))
    [(count,)] = env.execute_query(SQL("SELECT count(*) FROM (%s) AS c", changed))
    return {"people": found["people"], "differ": count}


def _floor(env):
    [(people,)] = env.execute_query(SQL(FLOOR, env.company.id))
    return {"people": people}


def _train(env):
    env["veloc.score.model"].search([]).looked_at = False
    env["veloc.score.trainer"]._cron_train()
    cards = env["veloc.score.model"].search([])
    return {card.kind: card.state for card in cards}
