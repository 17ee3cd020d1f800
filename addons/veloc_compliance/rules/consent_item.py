"""Read one consent sent by a program: what is wrong with it, or its values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..const import CHANNELS
from . import moments
from .purpose import GENERIC_CODES

CHANNEL_CODES = frozenset(code for code, _label in CHANNELS)
# Clocks differ. What comes from ahead counts as said now, or it would overrule
# the STOP of the next minute.
CLOCK_TOLERANCE = timedelta(minutes=5)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
LIMITS = {
    "source": 64,
    "language": 16,
    "ip": 64,
    "user_agent": 512,
    "evidence": 4000,
}


@dataclass(frozen=True, slots=True)
class Item:
    """A consent that can be stored once its partner and purpose are known."""

    partner_id: int
    purpose: str
    channel: str
    granted: bool
    recorded_at: datetime
    texts: Mapping[str, str]
    # The version of the text that was shown; None means the one in force.
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an item is refused; ``field`` names the culprit."""

    code: str
    field: str


def read(raw: Any, now: datetime) -> Item | Fault:
    """Return the item, or its first fault. ``now`` is naive UTC."""
    if not isinstance(raw, Mapping):
        return Fault("not_an_object", "item")
    field = _wrong_field(raw)
    if field:
        return Fault("invalid", field)
    if raw["purpose"].strip().lower() in GENERIC_CODES:
        # Said for everything, said for nothing (LGPD art. 8 § 4).
        return Fault("generic_purpose", "purpose")
    at = raw.get("at")
    recorded_at = now if at is None else moments.read(at)
    if recorded_at is None:
        return Fault("invalid", "at")
    if recorded_at > now + CLOCK_TOLERANCE:
        return Fault("future", "at")
    texts = {name: raw[name][:size] for name, size in LIMITS.items() if raw.get(name)}
    return Item(
        raw["partner_id"],
        raw["purpose"],
        raw["channel"],
        raw["granted"],
        min(recorded_at, now),
        texts,
        raw.get("version"),
    )


def _wrong_field(raw: Mapping) -> str | None:
    checks = {
        "partner_id": is_count(raw.get("partner_id")),
        "version": raw.get("version") is None or is_count(raw["version"]),
        "purpose": isinstance(raw.get("purpose"), str) and bool(raw["purpose"]),
        "channel": raw.get("channel") in CHANNEL_CODES
        if isinstance(raw.get("channel"), str)
        else False,
        "granted": isinstance(raw.get("granted"), bool),
        "source": is_text(raw.get("source")) and bool(raw["source"].strip()),
    }
    checks |= {
        name: raw.get(name) is None or is_text(raw[name])
        for name in ("language", "ip", "user_agent", "evidence")
    }
    return next((name for name, is_right in checks.items() if not is_right), None)


def is_text(value: Any) -> bool:
    """Return whether PostgreSQL takes it: no NUL, no half of a surrogate pair."""
    return isinstance(value, str) and not _UNSTORABLE.search(value)


def is_count(value: Any) -> bool:
    """Return whether it may be an id or a number of a version."""
    # True is an int in Python; 32 bits are the column's.
    return type(value) is int and 0 < value < 2**31
