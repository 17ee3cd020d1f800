"""Encrypted values: AES-256-GCM, bound to the place they stand in.

A context says where a value belongs: ``table|column|record``. It is authenticated
with the value, so that one moved to another record, column or table no longer opens.
Each table and column has a key of its own, derived by HKDF from the data key.
"""

from __future__ import annotations

import base64
import hmac
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_SIZE = 32
_NONCE_SIZE = 12
_TAG_SIZE = 16
# 128 bits: no two people share one, and the index stays small.
_BLIND_DIGITS = 32
_SEALED_BYTES = re.compile(rb"v([1-9][0-9]{0,8}):")
_SEALED = re.compile(r"v([1-9][0-9]*):([A-Za-z0-9_-]+)")


class CannotOpen(Exception):  # noqa: N818  # says what happened, not whose fault
    """The value was changed, moved, or sealed with a key we do not have."""


@dataclass(frozen=True)
class Ring:
    """The data keys of one use, by generation; ``current`` is the one that writes."""

    keys: Mapping[int, bytes]
    current: int


def context(table: str, column: str, record: object) -> str:
    """Return the place of a value, as it is bound into its ciphertext."""
    return f"{table}|{column}|{record}"


def seal(ring: Ring, place: str, plain: bytes) -> str:
    """Return ``v<generation>:<base64url(nonce + ciphertext)>``."""
    raw = encrypt(scope_key(ring.keys[ring.current], _scope(place)), place, plain)
    return f"v{ring.current}:{_encode(raw)}"


def open_sealed(ring: Ring, place: str, sealed: str) -> bytes:
    """Return the plain bytes; CannotOpen unless they were sealed for this place."""
    match = _SEALED.fullmatch(sealed or "")
    key = ring.keys.get(int(match[1])) if match else None
    if key is None:
        raise CannotOpen(place)
    return decrypt(scope_key(key, _scope(place)), place, _decode(match[2], place))


def open_column(ring: Ring, table: str, column: str, sealed: Mapping) -> dict:
    """Return ``{record: plain bytes}`` of many values of one column.

    What ``open_sealed`` does for each, with the keys looked up once: half the time.
    """
    prefix = context(table, column, "")
    ciphers, opened = {}, {}
    for record, text in sealed.items():
        generation, _, encoded = text.partition(":")
        cipher = ciphers.get(generation)
        if cipher is None:
            known = ring.keys.get(generation_of(text))
            if known is None:
                raise CannotOpen(f"{prefix}{record}")
            cipher = ciphers[generation] = _cipher(scope_key(known, _scope(prefix)))
        place = f"{prefix}{record}"
        opened[record] = _decrypted(cipher, place, _decode(encoded, place))
    return opened


def _decrypted(cipher, place, raw):
    if len(raw) < _NONCE_SIZE + _TAG_SIZE:
        raise CannotOpen(place)
    try:
        return cipher.decrypt(raw[:_NONCE_SIZE], raw[_NONCE_SIZE:], place.encode())
    except InvalidTag as error:
        raise CannotOpen(place) from error


def seal_bytes(ring: Ring, place: str, plain: bytes) -> bytes:
    """Return the same for a file: ``v<generation>:`` and the bytes as they are."""
    key = scope_key(ring.keys[ring.current], _scope(place))
    return b"v%d:" % ring.current + encrypt(key, place, plain)


def open_bytes(ring: Ring, place: str, sealed: bytes) -> bytes:
    """Return the plain bytes of a sealed file; CannotOpen as `open_sealed`."""
    key = ring.keys.get(generation_of_bytes(sealed))
    if key is None:
        raise CannotOpen(place)
    raw = sealed.partition(b":")[2]
    return decrypt(scope_key(key, _scope(place)), place, raw)


def generation_of_bytes(sealed: bytes) -> int | None:
    """Return which data key sealed the file, None if it is no sealed file."""
    match = _SEALED_BYTES.match(sealed)
    return int(match[1]) if match else None


def generation_of(sealed: str) -> int | None:
    """Return which data key sealed the value, None if it is no sealed value."""
    match = _SEALED.fullmatch(sealed or "")
    return int(match[1]) if match else None


def encrypt(key: bytes, place: str, plain: bytes) -> bytes:
    """Return nonce and ciphertext under one key."""
    nonce = os.urandom(_NONCE_SIZE)
    return nonce + _cipher(key).encrypt(nonce, plain, place.encode())


def decrypt(key: bytes, place: str, raw: bytes) -> bytes:
    """Return the plain bytes; CannotOpen if key, place or bytes are others."""
    return _decrypted(_cipher(key), place, raw)


def blind(key: bytes, table: str, column: str, values: Iterable[str]) -> list[str]:
    """Return one keyed hash for each value: equal values, equal hashes.

    Without the key a hash says nothing: a CPF has too few digits to hide in a plain
    SHA-256 (all of them take one core nine minutes).
    """
    own = scope_key(key, f"{table}|{column}|blind index")
    return [
        hmac.digest(own, value.encode(), "sha256").hex()[:_BLIND_DIGITS]
        for value in values
    ]


def mac(key: bytes, data: bytes) -> bytes:
    """Return the HMAC-SHA256 of ``data``."""
    return hmac.digest(key, data, "sha256")


@lru_cache(maxsize=1024)
def scope_key(key: bytes, scope: str) -> bytes:
    """Return the key of one scope, derived by HKDF-SHA256."""
    hkdf = HKDF(
        algorithm=hashes.SHA256(), length=KEY_SIZE, salt=None, info=scope.encode()
    )
    return hkdf.derive(key)


@lru_cache(maxsize=1024)
def _cipher(key):
    return AESGCM(key)


def _scope(place):
    """Return table and column of a place: all records of a column share a key."""
    return place.rpartition("|")[0] or place


def _encode(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(text, place):
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise CannotOpen(place) from error
