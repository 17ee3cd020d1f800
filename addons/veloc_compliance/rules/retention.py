"""How long data must and may be kept: terms of law as plain arithmetic.

A *minimum* is a duty: nothing is destroyed before the last of them is over. A
*maximum* is a limit: once the duties are over, the first one reached ends it. Terms
of months and years are those of the Civil Code, art. 132 § 3: they end on the day of
the same number or, where the month has none, on the day after.
"""

from __future__ import annotations

from bisect import bisect_left
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# What the clock starts with; a person's three, and the row's own date.
STARTS = ("relationship_end", "last_activity", "revocation", "event_date")
PERSON_STARTS = STARTS[:3]
UNITS = ("days", "months", "years")
POPULATIONS = ("all", "clients", "prospects")
# From the mildest to what nobody can take back.
ACTIONS = ("block", "pseudonymise", "delete", "destroy_key")
FINAL = frozenset({"delete", "destroy_key"})
# Erased with the person, all at once: their key opens all of it.
PERSON_CLASSES = frozenset({"identity", "contact", "kyc", "bank"})
LONGEST = {"days": 36_500, "months": 1_200, "years": 100}


@dataclass(frozen=True, slots=True)
class Regime:
    """One rule on one class of data, as a published policy says it."""

    start: str
    value: int
    unit: str = "years"
    from_new_year: bool = False
    is_minimum: bool = True
    action: str = "delete"
    population: str = "all"
    law: str = ""
    data_class: str = ""

    def __post_init__(self):
        if self.start not in STARTS or self.unit not in UNITS:
            raise ValueError(f"no such term: {self.start}, {self.unit}")
        if self.action not in ACTIONS or self.population not in POPULATIONS:
            raise ValueError(f"no such rule: {self.action}, {self.population}")
        if not 0 <= self.value <= LONGEST[self.unit]:
            raise ValueError(f"no such length: {self.value} {self.unit}")

    def binds(self, is_client: bool) -> bool:
        """Whether it speaks of a client, or of somebody who never was one."""
        return self.population in ("all", "clients" if is_client else "prospects")


@dataclass(frozen=True, slots=True)
class Subject:
    """When a person's clocks started (None: not yet) and whether they were a client."""

    starts: Mapping[str, date | None]
    is_client: bool = False


def last_day(regime: Regime, start: date) -> date:
    """Return the last day of the term that began on ``start``."""
    origin = date(start.year + 1, 1, 1) if regime.from_new_year else start
    if regime.unit == "days":
        return origin + timedelta(days=regime.value)
    months = regime.value * (12 if regime.unit == "years" else 1)
    return _months_later(origin, months)


def _months_later(origin, months):
    year, month = divmod(origin.year * 12 + origin.month - 1 + months, 12)
    month += 1
    if origin.day <= monthrange(year, month)[1]:
        return date(year, month, origin.day)
    year, month = divmod(year * 12 + month, 12)
    return date(year, month + 1, 1)


def is_over(regime: Regime, start: date | None, today: date) -> bool:
    """Whether the term has run out; one that never began has not."""
    return start is not None and last_day(regime, start) < today


def cutoff(regime: Regime, today: date) -> date | None:
    """Return the latest start whose term is over today, None if there is none.

    Later starts end later, so that one comparison says for every row what
    :func:`is_over` says for one: ``start <= cutoff``.
    """
    days = range(1, today.toordinal() + 1)
    over = bisect_left(
        days, 1, key=lambda day: last_day(regime, date.fromordinal(day)) >= today
    )
    return date.fromordinal(over) if over else None


def cutoff_moment(regime: Regime, today: date, zone: str) -> datetime | None:
    """Return the UTC moment before which a stored start must lie, or None."""
    day = cutoff(regime, today)
    if day is None:
        return None
    midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
    return midnight.astimezone(UTC).replace(tzinfo=None)


def is_due(regimes: Iterable[Regime], subject: Subject, today: date) -> bool:
    """Whether all duties on these data are over and, if there are limits, one is."""
    bound = [regime for regime in regimes if regime.binds(subject.is_client)]
    over = {
        regime: is_over(regime, subject.starts.get(regime.start), today)
        for regime in bound
    }
    minima = [over[regime] for regime in bound if regime.is_minimum]
    maxima = [over[regime] for regime in bound if not regime.is_minimum]
    return bool(bound) and all(minima) and (not maxima or any(maxima))


def kept_until(regimes: Iterable[Regime], subject: Subject, today: date) -> date | None:
    """Return the last day of the longest duty that still runs, None if none does.

    A duty whose clock has not started cannot be dated: ``date.max``.
    """
    running = [end for _regime, end in running_duties(regimes, subject, today)]
    return max(running, default=None)


def running_duties(
    regimes: Iterable[Regime], subject: Subject, today: date
) -> list[tuple[Regime, date]]:
    """Return the duties that still bind, each with its last day."""
    found = []
    for regime in regimes:
        start = subject.starts.get(regime.start)
        if not regime.is_minimum or not regime.binds(subject.is_client):
            continue
        if not is_over(regime, start, today):
            found.append((regime, last_day(regime, start) if start else date.max))
    return found


def strongest(regimes: Iterable[Regime]) -> str:
    """Return what is done when all of them are over."""
    return max((regime.action for regime in regimes), key=ACTIONS.index)


# Why a change needs the word of a second person.
def loosens(old: Regime | None, new: Regime | None) -> bool:
    """Whether data may go earlier, or further, under ``new`` than under ``old``.

    Only what is longer or equal in every respect passes with one person; whatever
    cannot be compared counts as shorter.
    """
    if old is None or new is None:
        # The first duty of a class makes its data mortal; the last limit that goes
        # lets the duties alone decide. Neither is a matter for one.
        return True
    if _frame(old) != _frame(new):
        return True
    if ACTIONS.index(new.action) > ACTIONS.index(old.action):
        return True
    return new.value < old.value or (old.from_new_year and not new.from_new_year)


def _frame(regime):
    return regime.start, regime.unit, regime.is_minimum, regime.population
