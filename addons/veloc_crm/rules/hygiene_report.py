"""The lines of the monthly report on the data, and which of them are worse."""

from collections.abc import Iterable, Mapping

from .hygiene import KINDS

# The order of the lines; measures are those of the daily scores.
MEASURES = (
    "phone",
    "email",
    "cpf",
    "consent",
    "name",
    "birth_date",
    "zone",
    "valid",
    "unique",
)
DOUBLES = ("found", "merged", "undone", "different", "linked", "open")
TIDIED = ("name", "email", "phone", "street", "zip", "city")
# Percentage points that a share may lose before somebody should look.
LOSS = 1.0


def coverage(now: Mapping, before: Mapping) -> list[dict]:
    """Return a line per share; worse is what lost more than a point."""
    return [
        {
            "code": code,
            "now": (share := _rounded(now.get(code))),
            "before": (earlier := _rounded(before.get(code))),
            "worse": None not in (share, earlier) and earlier - share > LOSS,
        }
        for code in MEASURES
    ]


def issues(rows: Iterable[tuple]) -> list[dict]:
    """Return a line per kind of finding there was any of; worse is what grew.

    ``rows``: (kind, new, closed, open at the end, open a month before).
    """
    order = {kind: number for number, kind in enumerate(KINDS)}
    return [
        {
            "code": kind,
            "new": new,
            "closed": closed,
            "open": standing,
            "before": before,
            "worse": standing > before,
        }
        for kind, new, closed, standing, before in sorted(
            rows, key=lambda row: (order.get(row[0], len(order)), row[0])
        )
        if new or closed or standing or before
    ]


def counts(codes: Iterable[str], now: Mapping, before: Mapping) -> list[dict]:
    """Return a line per code with the counts of both months."""
    return [
        {"code": code, "now": now.get(code, 0), "before": before.get(code, 0)}
        for code in codes
    ]


def _rounded(share):
    return None if share is None else round(share, 1)
