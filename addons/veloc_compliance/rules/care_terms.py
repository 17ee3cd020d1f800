"""How long a person may shut themselves out: the terms, and when each ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta

from .gate import ADULT_AGE

INDEFINITE = "indefinite"
# code → (kind of suppression, length; None: until the person asks and two agree)
TERMS: dict[str, tuple[str, timedelta | relativedelta | None]] = {
    "24h": ("cooling_off", timedelta(hours=24)),
    "1m": ("self_exclusion", relativedelta(months=1)),
    "3m": ("self_exclusion", relativedelta(months=3)),
    "6m": ("self_exclusion", relativedelta(months=6)),
    "12m": ("self_exclusion", relativedelta(months=12)),
    INDEFINITE: ("self_exclusion", None),
}


def kind_of(term: str) -> str:
    """Return the suppression that a term is."""
    return TERMS[term][0]


def ends_at(term: str, now: datetime) -> datetime | None:
    """Return when a term that begins now ends, None for one without an end."""
    length = TERMS[term][1]
    return None if length is None else now + length


def youngest_adult(day: date) -> date:
    """Return the latest birth date of somebody who is of age on ``day``.

    Born on 29 February counts from 1 March, as in ``gate.age_on``.
    """
    return day - relativedelta(years=ADULT_AGE)


def read_wish(form: Mapping[str, Sequence[str]]) -> tuple[str | None, bool]:
    """Return (term, whether it was confirmed) that a sent form asks for.

    The term is None where the form is about something else or names none of ours.
    """
    if "pause" not in form.get("action", ()):
        return None, False
    term = next((term for term in form.get("term", ()) if term in TERMS), None)
    return term, "yes" in form.get("confirm", ())
