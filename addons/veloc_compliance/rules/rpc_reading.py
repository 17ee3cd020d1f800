"""Which records a remote call showed to its caller, read off its answer."""

from collections.abc import Mapping
from typing import NamedTuple

# Methods whose answer holds values of records. What a model's own methods return is
# theirs to note.
READING = frozenset(
    {
        "formatted_read_group",
        "formatted_read_grouping_sets",
        "name_search",
        "onchange",
        "read",
        "read_group",
        "search_read",
        "web_name_search",
        "web_read",
        "web_read_group",
        "web_save",
        "web_save_multi",
        "web_search_read",
    }
)


class Reading(NamedTuple):
    """What was shown: ids where the answer names them, else groups only."""

    ids: tuple[int, ...]
    fields: tuple[str, ...]
    groups: int


def read_off(method: str, asked: tuple[int, ...], answer) -> Reading | None:
    """Return what the answer of a call showed, None if no record's values.

    ``asked`` are the ids that the call was made on.
    """
    if method not in READING:
        return None
    if method == "onchange":
        values = answer.get("value") if isinstance(answer, Mapping) else None
        return Reading(asked, _names(values), 0) if asked and values else None
    if method == "name_search":
        ids = tuple(pair[0] for pair in answer or () if pair[0])
        return Reading(ids, ("display_name",), 0) if ids else None
    rows, groups = _rows(answer)
    ids = tuple(row["id"] for row in rows if isinstance(row.get("id"), int))
    if not ids and not groups:
        return None
    return Reading(ids, _names((rows or groups)[0]), len(groups))


def _rows(answer):
    """Return (rows of records, rows of groups) of any of the shapes."""
    if isinstance(answer, Mapping):
        if "groups" in answer:
            groups = list(answer["groups"])
            return [r for g in groups for r in g.get("__records") or ()], groups
        answer = answer.get("records") or ()
    flat = [
        row
        for part in answer or ()
        for row in (part if isinstance(part, list) else [part])
        if isinstance(row, Mapping)
    ]
    records = [row for row in flat if "id" in row]
    return records, [row for row in flat if "id" not in row]


def _names(row):
    return tuple(sorted(n for n in row or () if n != "id" and not n.startswith("__")))
