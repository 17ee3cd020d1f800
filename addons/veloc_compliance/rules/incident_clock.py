"""The terms of an incident (LGPD art. 48, Res. CD/ANPD 15/2024 arts. 6, 9 and 10).

Two clocks: the house's own, stricter one runs from the first sign; the law's runs
from the knowledge that personal data were affected.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta

from .br_zones import DEFAULT_ZONE
from .business_days import NationalHolidays, add_business_days

INTERNAL = timedelta(hours=24)
NOTIFY_DAYS = 3  # arts. 6 and 9
ADDITION_DAYS = 20  # art. 6 § 3
PROOF_DAYS = 3  # art. 9 § 4: after the end of the subjects' term
KEPT_YEARS = 5  # art. 10
PUBLIC_DAYS = 90
PUBLIC_MONTHS = 3
# When a clock turns from calm to urgent.
SOON = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Known:
    """When what was known and done; naive UTC, None where it has not happened."""

    known_at: datetime
    affected_known_at: datetime | None = None
    authority_told_at: datetime | None = None
    # Small agents have double terms (Res. 2/2022 art. 14).
    is_small: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """Until when; None where the clock does not run (yet)."""

    internal: datetime
    notify: datetime | None = None
    proof: datetime | None = None
    additions: datetime | None = None


def terms(known: Known, with_carnival: bool = True, zone: str = DEFAULT_ZONE) -> Terms:
    """Return the terms that follow from what is known."""
    holidays = NationalHolidays(with_carnival)

    def after(moment, days):
        return moment and add_business_days(moment, days, zone, holidays)

    factor = 2 if known.is_small else 1
    notify = after(known.affected_known_at, NOTIFY_DAYS * factor)
    return Terms(
        internal=known.known_at + INTERNAL,
        notify=notify,
        # Not doubled: the rule for small agents speaks of the communication.
        proof=after(notify, PROOF_DAYS),
        additions=after(known.authority_told_at, ADDITION_DAYS * factor),
    )


def phase(due: datetime | None, done_at: datetime | None, now: datetime) -> str:
    """Return how a clock stands: ``none done done_late running soon overdue``."""
    if due is None:
        return "none"
    if done_at is not None:
        return "done_late" if done_at > due else "done"
    if now > due:
        return "overdue"
    return "soon" if due - now <= SOON else "running"


def kept_until(registered_at: datetime) -> datetime:
    """Return how long the register is kept at least."""
    return registered_at + relativedelta(years=KEPT_YEARS)


def public_until(published_at: datetime) -> datetime:
    """Return until when a public notice stays: the longer of both readings.

    The resolution says three months; guides say ninety days.
    """
    months = published_at + relativedelta(months=PUBLIC_MONTHS)
    return max(months, published_at + timedelta(days=PUBLIC_DAYS))
