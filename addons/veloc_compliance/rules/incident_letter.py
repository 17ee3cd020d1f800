"""Letters about an incident: placeholders, and the items the law wants in them.

Res. CD/ANPD 15/2024, art. 9 § 1; plain words, one letter for one person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# What a text may name; the first ones are the items of art. 9 § 1.
ITEMS = ("data", "measures", "risks", "reversal", "known_at", "contact")
LATE_ITEM = "delay"
OTHERS = ("name", "broker", "number", "occurred_at", "description")
NAMES = frozenset({*ITEMS, LATE_ITEM, *OTHERS})

_PLACE = re.compile(r"\{(\w+)\}")
_EMPTY_LINES = re.compile(r"\n{3,}")


def unknown(text: str) -> list[str]:
    """Return placeholders that mean nothing, in order of appearance."""
    found = dict.fromkeys(_PLACE.findall(text))
    return [name for name in found if name not in NAMES]


def missing(text: str, *, is_late: bool = False) -> list[str]:
    """Return the items of the law that the text leaves out."""
    named = set(_PLACE.findall(text))
    wanted = (*ITEMS, LATE_ITEM) if is_late else ITEMS
    return [name for name in wanted if name not in named]


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return the text with its placeholders filled; empty ones leave no gap."""
    filled = _PLACE.sub(lambda place: values.get(place[1], "") or "", text)
    lines = "\n".join(line.rstrip() for line in filled.splitlines())
    return _EMPTY_LINES.sub("\n\n", lines).strip()
