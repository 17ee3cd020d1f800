"""Read one consent sent by a program: what is wrong with it, or its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ..const import CHANNELS

CHANNEL_CODES = frozenset(code for code, _label in CHANNELS)
# Clocks differ; further ahead it would overrule every later word of the person.
CLOCK_TOLERANCE = timedelta(minutes=5)
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
    recorded_at = _moment(raw.get("at"), now)
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
        recorded_at,
        texts,
    )


def _wrong_field(raw: Mapping) -> str | None:
    checks = {
        # True is an int in Python, and nobody's id.
        "partner_id": type(raw.get("partner_id")) is int and raw["partner_id"] > 0,
        "purpose": isinstance(raw.get("purpose"), str) and bool(raw["purpose"]),
        "channel": raw.get("channel") in CHANNEL_CODES
        if isinstance(raw.get("channel"), str)
        else False,
        "granted": isinstance(raw.get("granted"), bool),
        "source": isinstance(raw.get("source"), str) and bool(raw["source"].strip()),
    }
    checks |= {
        name: raw.get(name) is None or isinstance(raw[name], str)
        for name in ("language", "ip", "user_agent", "evidence")
    }
    return next((name for name, is_right in checks.items() if not is_right), None)


def _moment(value: Any, now: datetime) -> datetime | None:
    """Return RFC 3339 (or Odoo's UTC form) as naive UTC, cut to the second."""
    if value is None:
        return now
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    try:
        value = value.astimezone(UTC) if value.tzinfo else value
    except OverflowError:
        return None
    return value.replace(tzinfo=None, microsecond=0)
