"""Who was erased and who came back: a person's own word, given afterwards.

Data that come in by themselves (an import, a late event, a backup) bring nobody back.
A person may: by signing up anew, after the erasure, saying yes to something. They are
a new person then; nothing of the old one returns but the protection they are under.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

# Protections that a person cannot shed by having themselves erased.
LASTING_CARE = frozenset({"self_exclusion", "cooling_off", "loss_limit", "minor"})


@dataclass(frozen=True, slots=True)
class Mark:
    """A tombstone that something in a row matched."""

    id: int
    erased_at: datetime
    care: tuple[tuple[str, datetime | None], ...] = ()


def is_fresh_signup(
    is_signup: bool, at: datetime, consents: Iterable[Mapping], erased_at: datetime
) -> bool:
    """Whether an introduction is the person's own new beginning.

    A sign-up, later than the erasure, with at least one consent that says yes: what a
    list or a replay of old events does not carry.
    """
    said_yes = any(item.get("granted") is True for item in consents)
    return is_signup and said_yes and at > erased_at


def care_to_renew(
    marks: Iterable[Mark], now: datetime
) -> dict[tuple[str, datetime | None], None]:
    """Return the (kind, until) that still protect whoever comes back; in order."""
    return {
        (kind, until): None
        for mark in marks
        for kind, until in mark.care
        if kind in LASTING_CARE and (until is None or until > now)
    }
