"""What a browser is told: the text, where a click leads, and how to report back."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re

# One record of RFC 8188 in the 4096 bytes that every push service must take.
LARGEST = 3993
DAY = 86400
LONGEST_TTL = 28 * DAY
URGENCIES = {"urgent": "high", "bulk": "normal"}
# What the service worker may report, and the status it means.
EVENTS = {"shown": "delivered", "click": "read", "close": "read"}
_LINK = re.compile(r"https?://[^\s<>\"]+", re.ASCII)
_TRAILING = ".,;:!?)"


def split(text: str) -> tuple[str, str]:
    """Return the text without its last link, and that link: a click opens it.

    >>> split("Seu saque foi pago. Veja: https://v.example/l/a1")
    ('Seu saque foi pago. Veja', 'https://v.example/l/a1')
    """
    links = list(_LINK.finditer(text))
    if not links:
        return text.strip(), ""
    url = links[-1].group().rstrip(_TRAILING)
    start = links[-1].start()
    before, after = text[:start].rstrip(" :"), text[start + len(url) :].lstrip()
    gap = "" if after[:1] in _TRAILING else " "
    return f"{before}{gap}{after}".strip(), url


def encode(**values: str) -> bytes:
    """Return the JSON that is encrypted; empty values are left out."""
    told = {name: value for name, value in values.items() if value}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def topic(reference: str) -> str:
    """Return the short name under which a repeat replaces what waits (RFC 8030)."""
    digest = hashlib.sha256(reference.encode()).digest()
    return base64.urlsafe_b64encode(digest[:18]).decode()


def ttl(seconds: float | None) -> int:
    """Return for how long the push service may keep trying."""
    return DAY if seconds is None else min(max(int(seconds), 1), LONGEST_TTL)


def report_key(secret: str, reference: str) -> str:
    """Return what a report on this message must show: nobody can guess it."""
    message = b"veloc.push.report\0" + reference.encode()
    digest = hmac.new(secret.encode(), message, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:18]).decode()
