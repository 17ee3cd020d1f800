"""The condition of a rule that a person builds: data, never code."""

from __future__ import annotations

import ast
from datetime import datetime, timedelta

LONGEST_TEXT = 4000
# A rule that nothing touched is still asked so often: time alone can make it true.
ASK_ANYWAY = timedelta(minutes=15)


class NotPlainError(ValueError):
    """The text holds something else than fixed values."""


def read(text: str | None) -> list:
    """Return the domain written in ``text``; refuse names, calls and formulas."""
    text = (text or "").strip() or "[]"
    if len(text) > LONGEST_TEXT:
        raise NotPlainError("too long")
    try:
        domain = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise NotPlainError("not plain") from error
    if not isinstance(domain, list):
        raise NotPlainError("not a list")
    return domain


def paths(domain: list) -> list[str]:
    """Return the field paths that a domain names, those inside ``any`` as well."""
    found: list[str] = []
    for term in domain:
        if isinstance(term, list | tuple) and len(term) == 3:
            path, operator, value = term
            found.append(str(path))
            if operator in ("any", "not any") and isinstance(value, list | tuple):
                found += [f"{path}.{inner}" for inner in paths(list(value))]
    return found


def is_worth_asking(
    before: str | None, after: str | None, asked_at: datetime | None, now: datetime
) -> bool:
    """Return whether the answer may have changed since it was asked.

    ``before`` and ``after`` are the database's own counts of changes in the tables.
    """
    if not before or not after or before != after or asked_at is None:
        return True
    return now - asked_at >= ASK_ANYWAY
