"""Whether what a program asks for can be queued at all, item by item."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MAX_NAME = 256
# Neither NUL nor half of a surrogate pair can be stored.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def is_sound(item: Mapping[str, Any]) -> bool:
    """Return whether ids and names have the shape that the database takes.

    >>> sound = {"partner_id": 7, "template": "t", "channel": "sms", "key": "k"}
    >>> is_sound(sound), is_sound({**sound, "partner_id": 2**31})
    (True, False)
    """
    names = [item.get(name) for name in ("template", "channel", "key")]
    if item.get("source"):
        names.append(item["source"])
    return is_id(item.get("partner_id")) and all(map(is_name, names))


def is_id(value: Any) -> bool:
    """Return whether it may be the id of a record; True is no number here."""
    return type(value) is int and 0 < value < 2**31


def is_name(value: Any) -> bool:
    """Return whether it is a text of 1 to 256 printable characters."""
    return isinstance(value, str) and value.isprintable() and 0 < len(value) <= MAX_NAME


def is_storable(text: str) -> bool:
    """Return whether PostgreSQL takes this text."""
    return not _UNSTORABLE.search(text)


def storable(text: str | None) -> str | None:
    """Return the text without what PostgreSQL does not take."""
    return _UNSTORABLE.sub("", text) if text else text
