"""May we contact this person, for this purpose, on this channel, now?

The rules stand in one table, ``RULES``, and are asked from the top; the first
that objects decides. What no rule objects to is allowed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from ..const import CHANNEL_SUPPRESSIONS, PROMOTIONAL, REVOCABLE_BASES
from .br_zones import DEFAULT_ZONE
from .contact_hours import Window, next_open

ADULT_AGE = 18
PHONE_CHANNELS = frozenset({"sms", "whatsapp", "call"})
# The weightiest reason is the one to name when several apply.
CARE_ORDER = (
    "self_exclusion",
    "minor",
    "cooling_off",
    "loss_limit",
    "kyc_block",
    "complaint",
    "blocklist",
)


@dataclass(frozen=True, slots=True)
class Person:
    """What the gate needs to know of a person: no name, no address."""

    id: int
    active: bool = True
    has_email: bool = False
    has_phone: bool = False
    has_push: bool = False
    birth_date: date | None = None
    zone: str = DEFAULT_ZONE
    uf: str | None = None
    country: str = "BR"
    # Channels on which Odoo's own blacklists hold the address.
    listed: frozenset[str] = frozenset()

    def reachable_on(self, channel: str) -> bool:
        """Return whether there is an address for the channel."""
        if channel in PHONE_CHANNELS:
            return self.has_phone
        return {"email": self.has_email, "push": self.has_push}.get(channel, False)


@dataclass(frozen=True, slots=True)
class Purpose:
    """A purpose with its published version."""

    id: int
    code: str
    kind: str
    version_id: int | None = None
    number: int = 0
    basis: str | None = None
    # The oldest version whose consents the published one still honours.
    covers_from: int = 0
    # Legitimate interest: when its balancing test ends; None where it never does.
    balanced_until: date | None = None

    @property
    def promotional(self) -> bool:
        """Return whether hours and care suppressions hold this purpose."""
        return self.kind in PROMOTIONAL


@dataclass(frozen=True, slots=True)
class Consent:
    """The newest word of the person on one purpose and channel."""

    id: int
    granted: bool
    number: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, the rule that gave it and what that rule saw."""

    outcome: str
    reason: str
    rule: str
    basis: str | None = None
    saw: dict = field(default_factory=dict, hash=False)
    until: datetime | None = None
    consent_id: int | None = None
    purpose_version_id: int | None = None

    @property
    def allowed(self) -> bool:
        """Return whether contact may happen now."""
        return self.outcome == "allowed"


@dataclass(frozen=True, slots=True)
class Case:
    """One question with every fact it may need."""

    person: Person | None
    purpose: Purpose | None
    channel: str
    now: datetime
    consent: Consent | None = None
    # Pairs (kind, channel or None) in force now.
    suppressions: frozenset[tuple[str, str | None]] = frozenset()
    # Contact windows of the channel where the person lives.
    windows: tuple[Window, ...] = ()


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a rule says no, or not yet when ``until`` is set."""

    reason: str
    saw: dict = field(default_factory=dict, hash=False)
    until: datetime | None = None


def decide(case: Case) -> Verdict:
    """Return the verdict of the first rule that objects, else an allowance."""
    for name, rule in RULES:
        objection = rule(case)
        if objection is not None:
            return _verdict(case, name, objection)
    basis = case.purpose.basis
    return Verdict(
        "allowed",
        basis,
        "legal_basis",
        basis=basis,
        saw=_consent_seen(case) | {"version": case.purpose.number},
        consent_id=case.consent.id if basis == "consent" else None,
        purpose_version_id=case.purpose.version_id,
    )


def age_on(day: date, birth_date: date) -> int:
    """Return the age in whole years; born on 29 February counts from 1 March."""
    had_birthday = (day.month, day.day) >= (birth_date.month, birth_date.day)
    return day.year - birth_date.year - (not had_birthday)


# A batch asks about the same instant in a handful of zones.
@lru_cache(maxsize=256)
def _day_in(zone: str, now: datetime) -> date:
    return now.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()


def _verdict(case: Case, name: str, objection: Objection) -> Verdict:
    purpose = case.purpose
    return Verdict(
        "deferred" if objection.until else "refused",
        objection.reason,
        name,
        basis=purpose.basis if purpose else None,
        saw=objection.saw,
        until=objection.until,
        purpose_version_id=purpose.version_id if purpose else None,
    )


def _known(case: Case) -> Objection | None:
    if case.purpose is None or case.purpose.version_id is None:
        return Objection("unknown_purpose")
    if case.person is None:
        return Objection("unknown_person")
    return None if case.person.active else Objection("archived")


def _deceased(case: Case) -> Objection | None:
    kinds = {kind for kind, _channel in case.suppressions}
    return Objection("deceased") if "deceased" in kinds else None


def _care(case: Case) -> Objection | None:
    if not case.purpose.promotional:
        return None
    # A do-not-contact list may be about some channels only.
    applying = {kind for kind, on in case.suppressions if on in (None, case.channel)}
    kinds = applying - CHANNEL_SUPPRESSIONS
    found = [kind for kind in CARE_ORDER if kind in kinds]
    return Objection(found[0], {"suppressions": found}) if found else None


def _channel(case: Case) -> Objection | None:
    if ("channel_blocked", case.channel) in case.suppressions:
        return Objection("channel_blocked", {"channel": case.channel})
    if not case.purpose.promotional:
        return None
    if ("opt_out", case.channel) in case.suppressions:
        return Objection("opt_out", {"channel": case.channel})
    if case.channel in case.person.listed:
        return Objection("blocklist", {"list": "odoo", "channel": case.channel})
    return None


def _minor(case: Case) -> Objection | None:
    if case.person.birth_date is None or not case.purpose.promotional:
        return None
    age = age_on(_day_in(case.person.zone, case.now), case.person.birth_date)
    return Objection("minor", {"age": age}) if age < ADULT_AGE else None


def _address(case: Case) -> Objection | None:
    if case.person.reachable_on(case.channel):
        return None
    return Objection("no_address", {"channel": case.channel})


def _legal_basis(case: Case) -> Objection | None:
    """Consent must be given, stand, and cover the published text.

    Legitimate interest needs no word of the person but yields to one.
    """
    purpose, consent = case.purpose, case.consent
    if purpose.basis not in REVOCABLE_BASES:
        return None
    if purpose.balanced_until and purpose.balanced_until <= case.now.date():
        return Objection("balancing_expired", {"until": str(purpose.balanced_until)})
    if consent is None:
        is_missing = purpose.basis == "consent"
        return Objection("no_consent", _consent_seen(case)) if is_missing else None
    if not consent.granted:
        return Objection("consent_revoked", _consent_seen(case))
    if purpose.basis == "consent" and consent.number < purpose.covers_from:
        saw = _consent_seen(case) | {"covers_from": purpose.covers_from}
        return Objection("consent_outdated", saw)
    return None


def _contact_hours(case: Case) -> Objection | None:
    if not case.purpose.promotional:
        return None
    person = case.person
    opening = next_open(case.windows, person.zone, person.uf, case.now, person.country)
    saw = {"zone": person.zone, "state": person.uf}
    if opening is None:
        return Objection("no_contact_hours", saw)
    return None if opening <= case.now else Objection("quiet_hours", saw, opening)


def _consent_seen(case: Case) -> dict:
    consent = case.consent
    if consent is None:
        return {"consent": None}
    return {
        "consent": consent.id,
        "granted": consent.granted,
        "consent_version": consent.number,
        "recorded_at": consent.recorded_at.isoformat() + "Z",
    }


Rule = Callable[[Case], Objection | None]
RULES: tuple[tuple[str, Rule], ...] = (
    ("known", _known),
    ("deceased", _deceased),
    ("suppression", _care),
    ("channel", _channel),
    ("minor", _minor),
    ("address", _address),
    ("legal_basis", _legal_basis),
    ("contact_hours", _contact_hours),
)
