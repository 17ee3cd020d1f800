"""Encrypted fields beside plain ones, inside Odoo: create, read, find."""

from statistics import median
from time import process_time

ROUNDS = 5
PLAIN, SEALED = "ref", "veloc_cpf"


def crypto(env, number):
    """Return CPU milliseconds per ``number`` contacts, and microseconds per value."""
    cpfs = [_cpf(100_000_000 + n * 7_919) for n in range(number)]
    told = {"number": number, "values": _values(env, cpfs)}
    for name in (PLAIN, SEALED):
        told[f"create {name}"] = _median(lambda name=name: _create(env, name, cpfs))
        people = _create(env, name, cpfs)
        env.cr.commit()
        told[f"read {name}"] = _median(lambda p=people, n=name: _read(env, p, n))
        some = cpfs[: number // 10]
        told[f"find {name}"] = _median(lambda n=name, s=some: _find(env, n, s))
        people.unlink()
        env.cr.commit()
    return told


def _values(env, cpfs):
    """Return microseconds for one value: sealed, opened, blind index."""
    ring, place = env["veloc.keyring"], "res_partner|veloc_cpf|1"
    sealed = [ring._seal(place, cpf.encode()) for cpf in cpfs]
    calls = {
        "seal": lambda: [ring._seal(place, cpf.encode()) for cpf in cpfs],
        "open": lambda: [ring._open(place, text) for text in sealed],
        "blind": lambda: ring._blind("res_partner", "veloc_cpf", cpfs),
    }
    return {name: _median(call) * 1000 / len(cpfs) for name, call in calls.items()}


def _median(call):
    """Return the median CPU time of a call, in milliseconds."""
    times = []
    for _round in range(ROUNDS):
        start = process_time()
        call()
        times.append((process_time() - start) * 1000)
    return median(times)


def _create(env, name, cpfs):
    quiet = {"tracking_disable": True, "mail_create_nolog": True}
    values = [{"name": f"Bench {cpf}", name: cpf} for cpf in cpfs]
    people = env["res.partner"].with_context(**quiet).create(values)
    env.flush_all()
    return people


def _read(env, people, name):
    env.invalidate_all()
    return people.mapped(name)


def _find(env, name, cpfs):
    for cpf in cpfs:
        env["res.partner"].search([(name, "=", cpf)])


def _cpf(base):
    """Return a number with right check digits."""
    digits = [int(digit) for digit in f"{base:09d}"]
    for weight in (10, 11):
        weights = range(weight, 1, -1)
        rest = sum(d * w for d, w in zip(digits, weights, strict=True)) * 10 % 11
        digits.append(rest % 10)
    return "".join(map(str, digits))
