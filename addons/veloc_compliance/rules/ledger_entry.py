"""What an entry of the ledger is, as bytes: the same for writer, sealer and verifier.

The bytes are ASCII JSON: a list of fixed order, no blanks, no floats, keys of objects
sorted. Texts inside (public, secret) are stored as they are hashed, never re-encoded.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
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

NULL = r"\N"  # in PostgreSQL's COPY

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


def leaves_of_notes(
    notes: Iterable[Note], ids: Iterable[int], at: datetime, secrets: Iterable
) -> Iterator[bytes]:
    """Yield the leaf of each new entry: ``leaf_hash``, with the common parts once."""
    sha256 = hashlib.sha256
    time, known = quoted(moment(at)), {}
    for note, id_, secret in zip(notes, ids, secrets, strict=True):
        kind, user_id, model, res_id, subject, public = note[:6]
        texts = known.get((kind, model, public))
        if texts is None:
            texts = quoted(kind), quoted(model), quoted(public)
            known[kind, model, public] = texts
        kind, model, public = texts
        secret = "null" if secret is None else quoted(secret)
        subject = "null" if subject is None else subject
        data = (
            f"[{FORMAT},{id_},{time},{kind},{user_id},{model},{res_id},{subject},"
            f"{public},{secret}]"
        )
        yield sha256(b"\x00" + data.encode("ascii")).digest()


def copy_lines(
    notes: Iterable[Note], ids: Iterable[int], secrets: Iterable, macs: Iterable[bytes]
) -> str:
    """Return the new rows as PostgreSQL's COPY reads them.

    Columns: id, kind, user, model, record, person, public, secret, people, MAC.
    """
    known: dict[str, str] = {}
    lines = []
    for note, id_, secret, mac in zip(notes, ids, secrets, macs, strict=True):
        kind, user_id, model, res_id, subject, public, _clear, people = note
        texts = known.get(public)
        if texts is None:
            texts = known[public] = _escaped(public)
        people = f"{{{','.join(map(str, people))}}}" if people else NULL
        lines.append(
            f"{id_}\t{kind}\t{user_id}\t{_escaped(model)}\t{res_id}\t"
            f"{NULL if subject is None else subject}\t{texts}\t"
            f"{NULL if secret is None else secret}\t{people}\t\\\\x{mac.hex()}\n"
        )
    return "".join(lines)


def _escaped(value):
    return value.replace("\\", "\\\\") if "\\" in value else value


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
