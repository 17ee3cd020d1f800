"""Data keys: made once, wrapped by a master key, opened at each start."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping

from . import field_cipher
from .field_cipher import CannotOpen, Ring
from .master_key import REMEDY, KeyProblem

_ = str  # marks texts for the translators

USES = [
    ("field", _("Values")),
    ("index", _("Blind indexes")),
    ("sign", _("Signatures")),
]
# Signatures are proof of the past: their key stays.
CHANGING = ("field", "index")


def wrap(master: bytes, use: str, generation: int, key: bytes) -> str:
    """Return the key sealed by a master key, bound to its use and generation."""
    raw = field_cipher.encrypt(_wrapping(master), _place(use, generation), key)
    return base64.b64encode(raw).decode()


def unwrap(master: bytes, use: str, generation: int, wrapped: str) -> bytes:
    """Return the key; CannotOpen if another master key wrapped it."""
    try:
        raw = base64.b64decode(wrapped, validate=True)
    except ValueError as error:
        raise CannotOpen(_place(use, generation)) from error
    return field_cipher.decrypt(_wrapping(master), _place(use, generation), raw)


def rings(rows: Iterable[tuple], masters: Mapping[int, bytes]) -> dict[str, Ring]:
    """Return ``{use: Ring}`` from rows (use, generation, state, version, wrapped)."""
    keys: dict[str, dict[int, bytes]] = {}
    current: dict[str, int] = {}
    for use, generation, state, version, wrapped in rows:
        master = masters.get(version)
        if master is None:
            raise KeyProblem(
                f"This database needs version {version} of the master key, and only "
                f"{_listed(masters)} can be found here. {REMEDY}"
            )
        try:
            key = unwrap(master, use, generation, wrapped)
        except CannotOpen as error:
            raise KeyProblem(
                f"Version {version} of the master key is not the one of this database: "
                "it does not open the data keys kept there. Give Odoo the key that was "
                "used when the database was made; a new key cannot replace it."
            ) from error
        keys.setdefault(use, {})[generation] = key
        if state == "current":
            current[use] = generation
    return {use: Ring(found, current[use]) for use, found in keys.items()}


def _listed(masters):
    return ", ".join(f"version {version}" for version in sorted(masters)) or "none"


def _wrapping(master):
    return field_cipher.scope_key(master, "veloc|wrap data keys")


def _place(use, generation):
    return field_cipher.context("veloc_data_key", use, generation)
