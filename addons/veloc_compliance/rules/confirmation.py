"""A wish for a consent that its owner must confirm first (double opt-in)."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .consent_item import CHANNEL_CODES, LIMITS, Fault, is_count, is_text

# Anybody may type anybody's address into a form: few mails, from few places.
PER_ADDRESS, PER_ADDRESS_SECONDS = 3, 24 * 3600
PER_IP, PER_IP_SECONDS = 20, 3600
# The link is opened by people and by scanners of mail, never by hundreds an hour.
PER_VISITOR, PER_VISITOR_SECONDS = 60, 600
LONGEST_EMAIL = 254
MOST_PURPOSES = 20

_EMAIL = re.compile(r"[^@\s<>\"',;:\\()\[\]]+@[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wish:
    """One yes to confirm: purpose, channel and the version that was shown."""

    purpose: str
    channel: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """A confirmation to ask for: whose address, which wishes, what proves them."""

    email: str
    wishes: tuple[Wish, ...]
    texts: Mapping[str, str]
    partner_id: int | None = None
    name: str = ""


def read(raw: Any) -> Ask | Fault:
    """Return what is asked, or its first fault."""
    if not isinstance(raw, Mapping):
        return Fault("not_an_object", "item")
    email = raw.get("email")
    if not _is_email(email):
        return Fault("invalid", "email")
    field = _wrong_field(raw)
    if field:
        return Fault("invalid", field)
    wishes = tuple(
        Wish(entry["purpose"], channel, entry.get("version"))
        for entry in raw["purposes"]
        for channel in dict.fromkeys(entry["channels"])
    )
    texts = {name: raw[name][:size] for name, size in LIMITS.items() if raw.get(name)}
    name = " ".join((raw.get("name") or "").split())[:128]
    return Ask(email.strip().lower(), wishes, texts, raw.get("partner_id"), name)


def _wrong_field(raw: Mapping) -> str | None:
    purposes = raw.get("purposes")
    checks = {
        "purposes": isinstance(purposes, list)
        and 0 < len(purposes) <= MOST_PURPOSES
        and all(map(_is_purpose, purposes)),
        "partner_id": raw.get("partner_id") is None or is_count(raw["partner_id"]),
        "source": is_text(raw.get("source")) and bool(raw["source"].strip()),
    }
    checks |= {
        name: raw.get(name) is None or is_text(raw[name])
        for name in ("name", "language", "ip", "user_agent", "evidence")
    }
    return next((name for name, is_right in checks.items() if not is_right), None)


def _is_purpose(entry: Any) -> bool:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("purpose"), str):
        return False
    channels = entry.get("channels")
    return (
        isinstance(channels, list)
        and bool(channels)
        and all(isinstance(name, str) and name in CHANNEL_CODES for name in channels)
        and (entry.get("version") is None or is_count(entry["version"]))
    )


def _is_email(value: Any) -> bool:
    return (
        is_text(value)
        and len(value) <= LONGEST_EMAIL
        and bool(_EMAIL.fullmatch(value.strip()))
    )


def fingerprint(email: str, boxes: list[tuple[int, str]]) -> str:
    """Return what two asks for the same thing have in common.

    ``boxes`` are pairs (version id, channel): a new text is a new ask.
    """
    said = "\n".join(f"{version}:{channel}" for version, channel in sorted(set(boxes)))
    return hashlib.sha256(f"{email}\n{said}".encode()).hexdigest()


def new_token() -> str:
    """Return a token nobody guesses: 256 bits."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Return what is stored of a token: who reads the table cannot confirm."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
