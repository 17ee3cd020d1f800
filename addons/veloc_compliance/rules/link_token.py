"""Short signed tokens for the links in messages: nothing is stored for them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from dataclasses import dataclass

from ..const import CHANNELS

# partner, purpose (0 = all), channel index (0 = all); fits an SMS.
_PAYLOAD = struct.Struct(">IHB")
# 96 bits: out of reach of guessing, and short.
_MAC_SIZE = 12
_CHANNELS = (None, *(code for code, _label in CHANNELS))


@dataclass(frozen=True, slots=True)
class Link:
    """Whose link it is and what it is about; None means everything."""

    partner_id: int
    purpose_id: int | None = None
    channel: str | None = None


def sign(secret: bytes, scope: str, link: Link) -> str:
    """Return the token of ``link``; a token of one scope is void in another."""
    payload = _PAYLOAD.pack(
        link.partner_id, link.purpose_id or 0, _CHANNELS.index(link.channel)
    )
    token = payload + _mac(secret, scope, payload)
    return base64.urlsafe_b64encode(token).decode().rstrip("=")


def read(secret: bytes, scope: str, token: str) -> Link | None:
    """Return what the token says, or None unless it is ours and untouched."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True)
    except ValueError:
        return None
    payload, mac = raw[: _PAYLOAD.size], raw[_PAYLOAD.size :]
    if not hmac.compare_digest(mac, _mac(secret, scope, payload)):
        return None
    partner_id, purpose_id, channel = _PAYLOAD.unpack(payload)
    return Link(partner_id, purpose_id or None, _CHANNELS[channel])


def _mac(secret: bytes, scope: str, payload: bytes) -> bytes:
    message = scope.encode() + b"\0" + payload
    return hmac.new(secret, message, hashlib.sha256).digest()[:_MAC_SIZE]
