"""What an entry of the ledger is, as bytes: the same for writer, sealer and verifier.

The bytes are ASCII JSON: a list of fixed order, no blanks, no floats, keys of objects
sorted. Texts inside (public, secret) are stored as they are hashed, never re-encoded.
"""

import hashlib
import hmac
import json
from datetime import datetime
from json.encoder import encode_basestring_ascii as quoted
from typing import NamedTuple

FORMAT = 1  # first element of the list; a new order of fields gets a new number

KINDS = [
    ("create", "Created"),
    ("write", "Changed"),
    ("unlink", "Deleted"),
    ("read", "Read"),
    ("export", "Exported"),
    ("login", "Login"),
    ("login_failed", "Failed login"),
    ("denied", "Denied"),
    ("config", "Configuration"),
    ("consent", "Consent"),
    ("contact", "Contact"),
    ("request", "Request"),
    ("erasure", "Erasure"),
    ("incident", "Incident"),
    ("alert", "Alert"),
    ("key", "Key"),
    ("access", "Access"),
    ("out_of_band", "Out of band"),
    ("care", "Care"),
    ("retention", "Retention"),
    ("report", "Report"),
]
KIND_CODES = frozenset(code for code, _label in KINDS)

# Written by a trigger of the database, which has no key.
WITHOUT_MAC = frozenset({"out_of_band"})

_encode = json.JSONEncoder(separators=(",", ":"), sort_keys=True, allow_nan=False)


class Note(NamedTuple):
    """What is to be recorded; ``public`` and ``secret`` are JSON texts."""

    kind: str
    user_id: int
    model: str
    res_id: int
    subject_id: int | None
    public: str
    secret: str | None
    subject_ids: tuple = ()


class Entry(NamedTuple):
    """A recorded entry, as the leaf of the tree commits to it."""

    id: int
    at: datetime
    kind: str
    user_id: int
    model: str
    res_id: int
    subject_id: int | None
    public: str
    secret: str | None


def text(value) -> str:
    """Return the value as the JSON text that is hashed; refuses floats that are NaN."""
    return _encode.encode(value)


def canonical(entry: Entry) -> bytes:
    """Return the bytes that the leaf commits to."""
    subject = "null" if entry.subject_id is None else entry.subject_id
    secret = "null" if entry.secret is None else quoted(entry.secret)
    return (
        f"[{FORMAT},{entry.id},{quoted(moment(entry.at))},{quoted(entry.kind)},"
        f"{entry.user_id},{quoted(entry.model)},{entry.res_id},{subject},"
        f"{quoted(entry.public)},{secret}]"
    ).encode("ascii")


def moment(at: datetime) -> str:
    """Return a naive UTC time as ISO text with microseconds."""
    return at.isoformat(timespec="microseconds") + "Z"


def leaf_hash(entry: Entry) -> bytes:
    """Return the hash of the entry's leaf (RFC 9162, section 2.1.1)."""
    return hashlib.sha256(b"\x00" + canonical(entry)).digest()


def row_mac(key: bytes, leaf: bytes) -> bytes:
    """Return what proves, until the entry is sealed, that Veloc wrote it."""
    return hmac.digest(key, leaf, "sha256")


def place(entry_id: int) -> str:
    """Return what a secret is bound to, so that it opens in its own entry only."""
    return f"veloc_ledger_entry_raw|secret|{entry_id}"
