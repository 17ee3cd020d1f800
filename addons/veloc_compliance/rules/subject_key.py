"""One key for each person: destroy it, and what it sealed is gone everywhere.

Backups and append-only entries included, which is the point: they cannot be edited.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass, field

from . import field_cipher


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """A person's key and the id of the row that keeps it."""

    id: int
    key: bytes = field(repr=False)

    def seal(self, place: str, plain: bytes) -> str:
        """Return the text that only this person's key opens, in this place only."""
        raw = field_cipher.encrypt(self.key, place, plain)
        return base64.urlsafe_b64encode(raw).decode()

    def open(self, place: str, sealed: str) -> bytes:
        """Return the plain bytes; CannotOpen if they are another's or were moved."""
        try:
            raw = base64.urlsafe_b64decode(sealed)
        except ValueError as error:
            raise field_cipher.CannotOpen(place) from error
        return field_cipher.decrypt(self.key, place, raw)


def new_key() -> bytes:
    """Return the bytes of a new person's key."""
    return os.urandom(field_cipher.KEY_SIZE)
