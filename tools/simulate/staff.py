"""Ten firms of forty people: how many records they read in each five minutes.

It is a model, not data of a client: office hours with a lunch break, people who differ
in how much they read, days that differ, reports that make a legitimate peak at times,
overtime. Into the days of the test, thefts of four classes are planted.
"""

from dataclasses import dataclass, field

import numpy as np

PER_DAY = 288  # buckets of five minutes
PER_HOUR = 12
CLASSES = ("bulk", "night", "burst", "slow")


@dataclass
class Theft:
    """One planted event: of which class, on which day, from which to which bucket."""

    kind: str
    day: int
    first: int
    last: int


@dataclass
class Worker:
    """One person's reads per day and bucket, and what was planted among them."""

    reads: np.ndarray
    thefts: list[Theft] = field(default_factory=list)


def firm(rng, workers, days, learning, thefts):
    """Return the workers of one firm with ``thefts`` of each class in the last days."""
    begins = rng.integers(8, 11)
    staff = [Worker(_usual_work(rng, begins, days)) for _ in range(workers)]
    for kind in CLASSES:
        for _ in range(thefts):
            _plant(rng, staff, kind, learning, days)
    return staff


def _usual_work(rng, begins, days):
    """Return days by buckets of ordinary reading."""
    pace = rng.lognormal(np.log(6), 0.6)  # records in five minutes of work
    reads = np.zeros((days, PER_DAY), dtype=int)
    for day in range(days):
        if day % 7 >= 5 and rng.random() > 0.05:
            continue  # a weekend, nearly always free
        first = begins * PER_HOUR + int(rng.normal(0, 4))
        last = (begins + 9) * PER_HOUR + int(rng.normal(0, 6))
        if rng.random() < 0.05:
            last += int(rng.integers(6, 24))  # overtime
        busy = rng.random(PER_DAY) < 0.7
        busy[:first] = busy[last:] = False
        noon = (begins + 3) * PER_HOUR + int(rng.integers(0, 12))
        busy[noon : noon + PER_HOUR] = False
        mean = pace * rng.lognormal(0, 0.25)
        # Overdispersed: people leaf through lists, then read one for long.
        reads[day] = busy * rng.negative_binomial(2, 2 / (2 + mean), PER_DAY)
        if rng.random() < 0.15:
            _report(rng, reads[day], first, last, pace)
    return reads


def _report(rng, day, first, last, pace):
    """Somebody goes through a long list, as the job asks now and then."""
    at = int(rng.integers(first, last - PER_HOUR))
    length = int(rng.integers(2, 8))
    day[at : at + length] += rng.poisson(pace * rng.uniform(3, 6), length)


def _plant(rng, staff, kind, learning, days):
    worker = staff[rng.integers(len(staff))]
    taken = {theft.day for theft in worker.thefts}
    free = [d for d in range(learning, days) if d % 7 < 5 and d not in taken]
    if not free:
        return _plant(rng, staff, kind, learning, days)
    day = int(rng.choice(free))
    at_work = np.flatnonzero(worker.reads[day])
    pace = max(worker.reads[:learning][worker.reads[:learning] > 0].mean(), 1)
    first, length, factor = _shape(rng, kind, at_work)
    worker.reads[day, first : first + length] += rng.poisson(pace * factor, length)
    worker.thefts.append(Theft(kind, day, first, first + length - 1))
    return None


def _shape(rng, kind, at_work):
    """Return (first bucket, length, times the person's usual pace) of a theft."""
    room = PER_HOUR * 2
    start = int(rng.choice(at_work[at_work < at_work[-1] - room]))
    return {
        "bulk": (start, int(rng.integers(6, 25)), rng.uniform(12, 40)),
        "night": (int(rng.integers(0, 5 * PER_HOUR)), int(rng.integers(3, 12)), 2),
        "burst": (start, 1, rng.uniform(8, 40)),
        "slow": (start, room, 4),
    }[kind]
