"""Addresses of our own that say which message an answer is about.

``bounce+<token>@…`` stands in the envelope, ``oi+<token>@…`` in Reply-To. The token
is signed: whoever makes one up, or takes one of another use, is not heard.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass

BOUNCE, REPLY, LEAVE = "bounce", "reply", "leave"
SCOPES = (BOUNCE, REPLY, LEAVE)

# 64 bits, and small letters only: some servers change the others.
_MAC = 16
_TOKEN = re.compile(rf"\+([0-9a-f]{{32}})([0-9a-f]{{{_MAC}}})@", re.IGNORECASE)
_REFERENCE = re.compile(r"<([0-9a-f]{32})@", re.IGNORECASE)
_MAILBOX = re.compile(r"([a-z0-9][a-z0-9._-]{0,14})@([a-z0-9-]+(?:\.[a-z0-9-]+)+)")


@dataclass(frozen=True, slots=True)
class Token:
    """What a signed address says: which use, which message."""

    scope: str
    reference: str


def is_mailbox(text: str) -> bool:
    """Return whether a token fits behind this mailbox: 64 characters are allowed.

    >>> is_mailbox("bounce@mail.veloc.example"), is_mailbox("a+b@veloc.example")
    (True, False)
    """
    return bool(_MAILBOX.fullmatch(text))


def make(secret: bytes, scope: str, reference: str, mailbox: str) -> str:
    """Return the address of ``mailbox`` for answers about one message."""
    name, _at, domain = mailbox.partition("@")
    return f"{name}+{reference}{_sign(secret, scope, reference)}@{domain}"


def read(secret: bytes, addresses: Iterable[str]) -> Token | None:
    """Return what the first address says that we made ourselves."""
    for address in addresses:
        for reference, mac in _TOKEN.findall(address):
            lower = reference.lower()
            for scope in SCOPES:
                if hmac.compare_digest(_sign(secret, scope, lower), mac.lower()):
                    return Token(scope, lower)
    return None


def references(text: str) -> list[str]:
    """Return our messages in a list of message ids, as in References.

    They are as hard to guess as a token: only who has seen the e-mail knows them.

    >>> references("<a@x> <0123456789abcdef0123456789abcdef@veloc.example>")
    ['0123456789abcdef0123456789abcdef']
    """
    return [found.lower() for found in _REFERENCE.findall(text or "")]


def _sign(secret: bytes, scope: str, reference: str) -> str:
    text = f"mail\0{scope}\0{reference}".encode()
    return hmac.new(secret, text, hashlib.sha256).hexdigest()[:_MAC]
