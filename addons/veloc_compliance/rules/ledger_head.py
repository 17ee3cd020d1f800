"""A head: what the whole ledger was at one moment, signed (Ed25519)."""

import json
from base64 import b64encode
from dataclasses import asdict, dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .ledger_entry import moment

TITLE = "veloc.ledger/1"


@dataclass(frozen=True)
class Head:
    """One signed head, in the words of the anchor file: texts and numbers only."""

    origin: str
    size: int
    root: str  # hex
    sealed_at: str
    last_entry_id: int
    public_key: str  # hex
    signature: str  # hex

    def line(self) -> str:
        """Return the head as one line of an anchor file."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))


def signed_text(
    origin: str, size: int, root: bytes, sealed_at: str, last_entry_id: int
) -> bytes:
    """Return the bytes that a head's signature is about."""
    root_text = b64encode(root).decode("ascii")
    parts = (TITLE, origin, str(size), root_text, sealed_at, str(last_entry_id))
    return ("\n".join(parts) + "\n").encode("utf-8")


def sign(
    key: Ed25519PrivateKey,
    origin: str,
    size: int,
    root: bytes,
    sealed_at: datetime,
    last_entry_id: int,
) -> Head:
    """Return the signed head of a tree."""
    at = moment(sealed_at)
    signature = key.sign(signed_text(origin, size, root, at, last_entry_id))
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return Head(
        origin, size, root.hex(), at, last_entry_id, public.hex(), signature.hex()
    )


def is_signed(head: Head) -> bool:
    """Return whether the head's own key signed it; whose key that is, ask an anchor."""
    try:
        text = signed_text(
            head.origin,
            head.size,
            bytes.fromhex(head.root),
            head.sealed_at,
            head.last_entry_id,
        )
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(head.public_key))
        key.verify(bytes.fromhex(head.signature), text)
    except (ValueError, InvalidSignature):
        return False
    return True


def read_line(line: str) -> Head | None:
    """Return the head of an anchor's line, None if it is none of ours."""
    try:
        found = json.loads(line)
        head = Head(**{name: found[name] for name in Head.__dataclass_fields__})
    except (ValueError, KeyError, TypeError):
        return None
    right = isinstance(head.size, int) and isinstance(head.last_entry_id, int)
    return head if right else None


def read_anchor(text: str) -> list[Head]:
    """Return the heads in an anchor file or mail, the smallest first."""
    heads = [head for line in text.splitlines() if (head := read_line(line.strip()))]
    return sorted(heads, key=lambda head: head.size)
