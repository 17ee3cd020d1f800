"""Segments inside Odoo: many for those touched, one counted over everybody."""

import random

from .measure import Watch

SEGMENTS = 50
TOUCHED = 5_000
TYPES = ("deposit_started", "deposit_failed", "withdrawal_requested", "kyc_submitted")


def segments(env):
    """Return (name, seconds, CPU) of each measurement, and what it was made on.

    Uses its own fifty segments; the shipped ones rest meanwhile. Nothing is kept.
    """
    model, engine = env["veloc.segment"], env["veloc.segment.engine"]
    model.search([]).active = False
    model.create(
        [
            {
                "name": f"bench {number}",
                "code": f"bench_{number}",
                "definition": _definition(number),
            }
            for number in range(SEGMENTS)
        ]
    ).filled_at = env.cr.now()
    env.registry.clear_cache()
    now = env.cr.now().replace(microsecond=0)
    env.cr.execute("SELECT id FROM veloc_trader")
    ids = [trader_id for (trader_id,) in env.cr.fetchall()]
    dice = random.Random(1)
    told = {"traders": len(ids), "segments": SEGMENTS, "touched": TOUCHED, "steps": []}
    some = dice.sample(ids, min(TOUCHED, len(ids)))
    busy = _busiest(env)
    told["busy"] = len(busy)
    for name, call in (
        ("first look at those touched", lambda: engine._touch(some, now)),
        ("nothing new about them", lambda: engine._touch(some, now)),
        ("the same, their rows held", lambda: _held(engine, some, now)),
        ("one in ten changed", lambda: _change(env, some, now)),
        ("first look at the last active", lambda: engine._touch(busy, now)),
        ("nothing new about them", lambda: engine._touch(busy, now)),
    ):
        told["steps"].append([name, *_watched(env, call)])
    for name, definition in COUNTS.items():
        told["steps"].append([name, *_counted(env, definition)])
    env.cr.rollback()
    env.registry.clear_cache()
    return told


def _busiest(env):
    """Return those whose last events are the newest: they have the most to read."""
    env.cr.execute(
        "SELECT id FROM veloc_trader WHERE last_event_at IS NOT NULL"
        " ORDER BY last_event_at DESC LIMIT %s",
        [TOUCHED],
    )
    return [trader_id for (trader_id,) in env.cr.fetchall()]


def _held(engine, ids, now):
    """Look as a batch of events does, which has locked its traders before."""
    engine._touch(ids, now, is_locked=True)


def _counted(env, definition):
    """Return seconds as it is, and the processor time of all in one process.

    As it is, PostgreSQL has helpers, whose time nobody can read afterwards.
    """
    seconds, _cpu = _watched(env, lambda: env["veloc.segment"]._count(definition))
    env.cr.execute("SET LOCAL max_parallel_workers_per_gather = 0")
    _alone, cpu = _watched(env, lambda: env["veloc.segment"]._count(definition))
    env.cr.execute("RESET max_parallel_workers_per_gather")
    return seconds, cpu


def _watched(env, call):
    with Watch([env.cr.connection.info.backend_pid]) as watch:
        call()
    return watch.seconds, watch.cpu


def _change(env, ids, now):
    env.cr.execute(
        "UPDATE veloc_trader_state SET deposit_count_30 = deposit_count_30 + 2,"
        " trade_count_30 = trade_count_30 + 5 WHERE id = ANY(%s)",
        [ids[::10]],
    )
    env["veloc.segment.engine"]._touch(ids, now)


def _figures():
    return _where(_field("deposit_count_30", ">=", 2), _field("ltv", "empty"))


def _definition(number):
    """Return one of fifty: figures, dates, stages, rare events, windows, mixtures."""
    days = {"value": 3 + number, "unit": "days"}
    kinds = (
        lambda: [_field("deposit_count_30", ">=", 1 + number % 4)],
        lambda: [
            _field("stage", "in", ["active", "won_back"]),
            _field("volume_total_30", ">=", 100 * number),
        ],
        lambda: [_event(TYPES[number % len(TYPES)], 1, days)],
        lambda: [_field("last_login_at", "older_than", days)],
        lambda: [
            {"any": [_field("trade_count_7", ">=", number), _event("login", 2, days)]},
            {"not": _field("last_deposit_at", "within", days)},
        ],
    )
    return _where(*kinds[number % len(kinds)]())


def _where(*conditions):
    return {"version": 1, "where": {"all": list(conditions)}}


def _field(name, op, value=None):
    condition = {"is": "field", "field": name, "op": op}
    return condition if value is None else {**condition, "value": value}


def _event(type_, times, within):
    return {"is": "event", "type": type_, "op": ">=", "times": times, "within": within}


COUNTS = {
    "one count, figures only": _figures(),
    "one count, the trader alone": _definition(3),
    "one count, figures and trader": _definition(1),
    "one count, rare events": _definition(2),
}
