"""RFM, clusters and scores of everybody inside Odoo, step by step."""

import resource

from .measure import Watch


def scores(env):
    """Return seconds, CPU and counts of each step, and the memory it took at most.

    Without the scheduler's clock: each step does all of its work.
    """
    now = env.cr.now().replace(microsecond=0)
    told = {"traders": env["veloc.trader.state"].search_count([]), "steps": []}
    steps = (
        ("rfm: limits of the whole company", lambda: _limits(env)),
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


def _limits(env):
    runs = env["veloc.rfm.run"]
    values = {"company_id": env.company.id, "as_of": env.cr.now().date()}
    return {"people": runs.new(values | runs._measures())._find_limits()["people"]}


def _train(env):
    env["veloc.score.model"].search([]).looked_at = False
    env["veloc.score.trainer"]._cron_train()
    cards = env["veloc.score.model"].search([])
    return {card.kind: card.state for card in cards}
