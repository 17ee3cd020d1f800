"""The contact gate inside Odoo: verdicts for many people at once."""

from datetime import datetime
from statistics import median

from .measure import Watch

ROUNDS = 7
# A Wednesday, 12:00 in São Paulo.
NOON = datetime(2026, 3, 11, 15)


def gate(env, number):
    """Return seconds and queries of one question about ``number`` people.

    Seven in ten consented, one in ten is under care, one in ten said no.
    """
    people = _make_people(env, number)
    purpose = env.ref("veloc_compliance.veloc_purpose_marketing")
    asks = [(id_, purpose.id, "sms") for id_ in people.ids]
    engine = env["veloc.contact.gate"]
    # Calendars and plans are not the question: they are loaded once per process.
    engine._ask(asks[:10], NOON)
    rounds = [_ask(env, engine, asks) for _round in range(ROUNDS)]
    verdicts = engine._ask(asks, NOON)
    told = {
        "number": number,
        "seconds": median(r["seconds"] for r in rounds),
        "cpu": median(r["cpu"] for r in rounds),
        "queries": rounds[0]["queries"],
        "few_queries": _ask(env, engine, asks[:10])["queries"],
        "verdicts": {},
    }
    for verdict in verdicts:
        told["verdicts"][verdict.reason] = told["verdicts"].get(verdict.reason, 0) + 1
    env.cr.rollback()
    return told


def _ask(env, engine, asks):
    env.invalidate_all()
    before = env.cr.sql_log_count
    with Watch([env.cr.connection.info.backend_pid]) as watch:
        engine._ask(asks, NOON)
    queries = env.cr.sql_log_count - before
    return {"seconds": watch.seconds, "cpu": watch.cpu, "queries": queries}


def _make_people(env, number):
    people = env["res.partner"].create(
        [
            {
                "name": f"Gate {n}",
                "email": f"gate{n}@example.com",
                "phone": f"+55 11 9{70_000_000 + n}",
                "country_id": env.ref("base.br").id,
                "veloc_birth_date": "1985-04-17",
            }
            for n in range(number)
        ]
    )
    words = [
        {
            "partner_id": person.id,
            "purpose": "marketing",
            "channel": "sms",
            "granted": n % 10 != 8,
            "source": "bench",
        }
        for n, person in enumerate(people)
        if n % 10 != 9
    ]
    for start in range(0, len(words), 1000):
        env["veloc.consent"].record(words[start : start + 1000])
    env["veloc.suppression"]._impose(people[::10].ids, "complaint", source="bench")
    env.flush_all()
    return people
