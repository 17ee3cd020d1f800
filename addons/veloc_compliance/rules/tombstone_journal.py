"""The list of the erased outside the database: what a restored backup does not know.

One line of JSON for each thing that happened, with a keyed hash over it: nobody adds a
person to the list, or takes one off, without the key. No line holds personal data.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field

VERSION = 1
PSEUDONYMISED, DESTROYED, RETURNED = "pseudonymised", "destroyed", "returned"
DEEDS = frozenset({PSEUDONYMISED, DESTROYED, RETURNED})
Mac = Callable[[bytes], bytes]


class BadLineError(ValueError):
    """A line that is not ours, was changed, or is of a version we do not know."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened to one erased person; ``marks`` are (kind, keyed hash)."""

    reference: str
    deed: str
    at: str
    partner_id: int
    marks: tuple[tuple[str, str], ...] = ()
    care: tuple[tuple[str, str | None], ...] = ()
    reason: str = field(default="")


def write(entry: Entry, mac: Mac) -> str:
    """Return the line of one entry, without its end."""
    body = _canonical({"v": VERSION, **asdict(entry)})
    return _canonical({"entry": json.loads(body), "mac": mac(body.encode()).hex()})


def read(line: str, mac: Mac) -> Entry:
    """Return the entry of a line; ``BadLineError`` unless it is whole and ours."""
    try:
        raw = json.loads(line)
        told, digest = raw["entry"], bytes.fromhex(raw["mac"])
    except (ValueError, KeyError, TypeError) as error:
        raise BadLineError("not a line of the journal") from error
    if not hmac.compare_digest(mac(_canonical(told).encode()), digest):
        raise BadLineError("the line was changed")
    if told.pop("v", None) != VERSION or told.get("deed") not in DEEDS:
        raise BadLineError("a line of another version")
    return Entry(
        **{**told, "marks": _pairs(told["marks"]), "care": _pairs(told["care"])}
    )


def read_all(lines: Iterable[str], mac: Mac) -> tuple[list[Entry], list[int]]:
    """Return the entries and the numbers of the lines that are none of ours.

    A last line that was cut off by a crash is one of these; what it said stands in
    the database of that moment and is written again.
    """
    entries, bad = [], []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entries.append(read(line, mac))
        except BadLineError:
            bad.append(number)
    return entries, bad


def _canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _pairs(rows):
    return tuple((one, other) for one, other in rows)
