"""The measured calls of the ledger, inside Odoo."""

import json
import os
import time
from statistics import median

PEOPLE = 1000
ROUNDS = 5
NOTES = 20_000  # written in one transaction
NANOSECONDS = 1e9


def _cpu(pid):
    """Return the CPU seconds of a process, finer than its clock ticks."""
    with open(f"/proc/{pid}/schedstat") as file:
        return int(file.read().split()[0]) / NANOSECONDS


def recording(env, field, single=False):
    """Write the same batches with and without recording, by turns, in one run."""
    people = _people(env)
    model = type(env["res.partner"])
    watched = model._veloc_watched
    spent = {True: [], False: []}
    try:
        for turn in range(4 if single else ROUNDS * 2):
            recorded = turn % 4 in (0, 3)  # neither side is always the first
            if recorded:
                model._veloc_watched = watched
            else:
                model._veloc_watched = classmethod(lambda _class: frozenset())
            spent[recorded].append(_write(env, people.ids, field, turn, single))
    finally:
        model._veloc_watched = watched
    return {
        "with": median(spent[True]),
        "without": median(spent[False]),
        "records": len(people),
    }


def _people(env):
    people = env["res.partner"].search([("ref", "=", "bench-ledger")], limit=PEOPLE)
    if not people:
        people = env["res.partner"].create(
            [
                {"name": f"Pessoa {n}", "ref": "bench-ledger", "city": "Natal"}
                for n in range(PEOPLE)
            ]
        )
        env.cr.commit()
    return people


def _write(env, ids, field, turn, single):
    """Return the CPU seconds of one batch, of Odoo and of its database session."""
    env.invalidate_all()
    people = env["res.partner"].browse(ids)
    session = env.cr.connection.info.backend_pid
    before = time.process_time() + _cpu(session)
    for part in people if single else [people]:
        part.write({field: f"bench{turn}x{part.id if single else ''}@example.com"})
    env.cr.commit()
    return time.process_time() + _cpu(session) - before


def sealing(env, entries):
    """Fill the ledger up to so many entries, then seal them; return the speed."""
    people = _people(env).ids
    sealer = env["veloc.ledger.sealer"]
    while sealer._seal():
        env.cr.commit()
    there = _count(env)
    written, start = 0, time.perf_counter()
    while there + written < entries:
        written += _note(env, people, min(NOTES, entries - there - written))
    writing = time.perf_counter() - start
    sealed, start = 0, time.perf_counter()
    while number := sealer._seal():
        env.cr.commit()
        sealed += number
    return {
        "number": sealed,
        "seconds": time.perf_counter() - start,
        "written": written,
        "writing": writing,
        "size": _count(env),
    }


def _count(env):
    env.cr.execute("SELECT count(*) FROM veloc_ledger_leaf")
    return env.cr.fetchone()[0]


def _note(env, people, number):
    env["veloc.ledger.entry"]._note_many(
        [
            {
                "kind": "write",
                "model": "res.partner",
                "res_id": people[n % len(people)],
                "subject_id": people[n % len(people)],
                "public": {"fields": ["phone"]},
                "secret": {"phone": ["+5511961234567", f"+55119{n:08d}"]},
            }
            for n in range(number)
        ]
    )
    env.cr.commit()
    return number


def examining(env):
    """Verify the whole ledger inside Odoo."""
    told = env["veloc.ledger.check"]._verify()
    return {"number": told["size"], "seconds": told["seconds"], "ok": told["ok"]}


def person(env, path):
    """Export the person with the most entries to a file, with proofs."""
    env.cr.execute(
        "SELECT subject_id FROM veloc_ledger_entry_raw WHERE subject_id IS NOT NULL"
        " GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    )
    (partner_id,) = env.cr.fetchone()
    start = time.perf_counter()
    partner = env["res.partner"].browse(partner_id)
    text, number = env["veloc.ledger.person"]._export(partner)
    seconds = time.perf_counter() - start
    with open(path, "w") as file:
        file.write(text)
    json.loads(text)
    return {"number": number, "seconds": seconds, "bytes": os.path.getsize(path)}


CASES = {
    "ledger_recording": recording,
    "ledger_sealing": sealing,
    "ledger_examining": examining,
    "ledger_person": person,
}
