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
    ids = env["veloc.trader"].search([]).ids
    dice = random.Random(1)
    told = {"traders": len(ids), "segments": SEGMENTS, "touched": TOUCHED, "steps": []}
    some = dice.sample(ids, min(TOUCHED, len(ids)))
    for name, call in (
        ("first look at those touched", lambda: engine._touch(some, now)),
        ("nothing new about them", lambda: engine._touch(some, now)),
        ("one in ten changed", lambda: _change(env, some, now)),
        ("one count, figures only", lambda: model._count(_figures())),
        ("one count, figures and trader", lambda: model._count(_definition(1))),
        ("one count, rare events", lambda: model._count(_definition(2))),
    ):
        told["steps"].append([name, *_watched(env, call)])
    env.cr.rollback()
    env.registry.clear_cache()
    return told


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
