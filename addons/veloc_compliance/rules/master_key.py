"""The master keys as the environment hands them over: found, read, judged.

``VELOC_KEY`` (the key) or ``VELOC_KEY_FILE`` (a file that holds it) is version 1;
``VELOC_KEY_V2``, ``VELOC_KEY_V2_FILE`` and so on are the keys that followed it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping

SIZE = 32
# Of 32 random bytes about 30 differ; fewer than this is a placeholder, not a key.
_LEAST_DIFFERENT = 12
_NAME = re.compile(r"VELOC_KEY(?:_V([2-9]|[1-9][0-9]+))?(_FILE)?")

REMEDY = (
    "Set VELOC_KEY to 32 random bytes in hex (openssl rand -hex 32), or VELOC_KEY_FILE "
    "to a file that holds them, and keep a copy of the key apart from the backups of "
    "the database: without it encrypted values cannot be read again."
)


class KeyProblem(Exception):  # noqa: N818  # a person reads it, as a sentence
    """Why Veloc may not start: what is wrong with the keys, and what to do."""


def read(
    environ: Mapping[str, str], read_file: Callable[[str], str]
) -> dict[int, bytes]:
    """Return ``{version: 32 bytes}``; KeyProblem if there is none or one is unfit.

    The variable wins over the file of the same version; an empty one is no key.
    """
    found: dict[int, tuple[str, str]] = {}
    for name in sorted(environ):  # VELOC_KEY_FILE comes after VELOC_KEY
        match = _NAME.fullmatch(name)
        if match and environ[name].strip():
            found.setdefault(int(match[1] or 1), (name, environ[name].strip()))
    if not found:
        raise KeyProblem(f"There is no key for encrypted fields. {REMEDY}")
    return {
        version: _key(name, _text(name, value, read_file))
        for version, (name, value) in sorted(found.items())
    }


def _text(name, value, read_file):
    if not name.endswith("_FILE"):
        return value
    try:
        return read_file(value).strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise KeyProblem(f"The file that {name} names cannot be read: {reason}.") from (
            error
        )


def _key(name, text):
    key = _from_hex(text) or _from_base64(text)
    if key is None:
        raise KeyProblem(
            f"{name} does not hold a key: 32 bytes in hex (64 digits) or base64 are "
            "wanted."
        )
    if len(set(key)) < _LEAST_DIFFERENT:
        raise KeyProblem(f"{name} holds a placeholder, not a random key. {REMEDY}")
    return key


def _from_hex(text):
    return bytes.fromhex(text) if re.fullmatch(r"[0-9A-Fa-f]{64}", text) else None


def _from_base64(text):
    try:
        key = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except ValueError:
        return None
    return key if len(key) == SIZE else None
