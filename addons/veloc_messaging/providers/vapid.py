"""Who we are for a push service: a key pair and signed tickets (RFC 8292)."""

from __future__ import annotations

import base64
import binascii
import secrets

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SIZE = 32
# Push services refuse tickets that are good for more than a day.
LIFETIME = 12 * 3600


def private_key(secret: str) -> ec.EllipticCurvePrivateKey:
    """Return the key behind a secret; ValueError when it is none.

    A secret is 32 random bytes, as 64 hexadecimal digits (``openssl rand -hex 32``)
    or in base64url, as other tools for web push write it.
    """
    number = int.from_bytes(_bytes(secret.strip()), "big")
    return ec.derive_private_key(number, ec.SECP256R1())


def public_key(secret: str) -> str:
    """Return what browsers subscribe with (``applicationServerKey``)."""
    return encode(point(private_key(secret)))


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the public half as browsers and push services write it: 65 bytes."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def generate() -> str:
    """Return a new secret."""
    return secrets.token_hex(SIZE)


def ticket(key: ec.EllipticCurvePrivateKey, audience: str, contact: str, now: float):
    """Return the ``Authorization`` header for one push service."""
    claims = {"aud": audience, "exp": int(now) + LIFETIME}
    if contact:
        claims["sub"] = contact
    token = jwt.encode(claims, key, algorithm="ES256")
    return f"vapid t={token}, k={encode(point(key))}"


def encode(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decode(text: str) -> bytes:
    """Read base64url with or without padding; ValueError for anything else."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
    except (binascii.Error, TypeError) as error:
        raise ValueError("not base64url") from error


def _bytes(secret):
    try:
        raw = bytes.fromhex(secret) if len(secret) == 2 * SIZE else decode(secret)
    except ValueError as error:
        raise ValueError("a VAPID secret is 64 hexadecimal digits") from error
    if len(raw) != SIZE:
        raise ValueError("a VAPID secret has 32 bytes")
    return raw
