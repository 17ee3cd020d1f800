"""Read what a browser sends when a person turns notifications on."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from . import push_endpoint

POINT, AUTH = 65, 16
MOST_BOXES = 50
_BOX = re.compile(r"([a-z][a-z0-9_]{0,63}):([1-9][0-9]{0,8})", re.ASCII)
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Keys:
    """A subscription that can be sent to."""

    endpoint: str
    p256dh: str
    auth: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person asked for: ``boxes`` are {purpose code: (version, ticked)}."""

    action: str
    boxes: Mapping[str, tuple[int, bool]]
    keys: Keys | None = None
    endpoint: str = ""


def read(raw: Any, own: str = "") -> Wish | None:
    """Return the wish in a request's JSON, None when it makes no sense."""
    if not isinstance(raw, Mapping):
        return None
    action = raw.get("action")
    if action == "stop":
        return Wish("stop", {})
    if action == "unsubscribe" and _is_short(raw.get("endpoint")):
        return Wish("unsubscribe", {}, endpoint=raw["endpoint"])
    keys = read_keys(raw.get("subscription"), own)
    if action != "subscribe" or not keys:
        return None
    return Wish("subscribe", _boxes(raw.get("shown"), raw.get("allow")), keys)


def read_keys(raw: Any, own: str = "") -> Keys | None:
    """Return a subscription that is whole and at a known push service."""
    if not isinstance(raw, Mapping) or not isinstance(raw.get("keys"), Mapping):
        return None
    texts = (raw.get("endpoint"), raw["keys"].get("p256dh"), raw["keys"].get("auth"))
    if not all(map(_is_short, texts)):
        return None
    endpoint, p256dh, auth = texts
    is_sound = (
        push_endpoint.is_allowed(endpoint, own)
        and _is_point(_decode(p256dh))
        and len(_decode(auth)) == AUTH
    )
    return Keys(endpoint, p256dh, auth) if is_sound else None


def device(user_agent: str) -> str:
    """Return browser and system in words, without anything that tells people apart.

    >>> device("Mozilla/5.0 (X11; Linux x86_64; rv:1) Gecko/1 Firefox/1")
    'Firefox · Linux'
    """
    found = (
        next((label for mark, label in table if mark in user_agent), "?")
        for table in (_BROWSERS, _SYSTEMS)
    )
    return " · ".join(found)


def _boxes(shown, ticked):
    """Return only boxes that the page showed; a tick elsewhere is nothing."""
    if not isinstance(shown, list) or not isinstance(ticked, list):
        return {}
    chosen = {box for box in ticked[:MOST_BOXES] if isinstance(box, str)}
    found = {}
    for box in shown[:MOST_BOXES]:
        match = _BOX.fullmatch(box) if isinstance(box, str) else None
        if match:
            found[match[1]] = (int(match[2]), box in chosen)
    return found


def _is_short(value):
    return isinstance(value, str) and 0 < len(value) <= push_endpoint.LONGEST


def _decode(text):
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""


def _is_point(data):
    if len(data) != POINT:
        return False
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), data)
    except ValueError:
        return False
    return True
