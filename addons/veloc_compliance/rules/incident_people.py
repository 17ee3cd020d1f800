"""Who was affected: what the law counts apart, and lists that come as CSV."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from .gate import ADULT_AGE, age_on

# ECA art. 2: a child is under twelve; Statute of the Elderly: from sixty.
CHILD_AGE = 12
ELDERLY_AGE = 60

_EMAIL = re.compile(r"[^@\s;,]+@[^@\s;,]+\.[^@\s;,]+")


def age_group(birth_date: date | None, day: date) -> str:
    """Return ``child``, ``adolescent``, ``adult``, ``elderly`` or ``unknown``."""
    if birth_date is None or birth_date > day:
        return "unknown"
    age = age_on(day, birth_date)
    if age < CHILD_AGE:
        return "child"
    if age < ADULT_AGE:
        return "adolescent"
    return "elderly" if age >= ELDERLY_AGE else "adult"


@dataclass(frozen=True, slots=True)
class PeopleFile:
    """What a list says: contact ids, e-mail addresses and lines that say neither."""

    ids: tuple[int, ...] = ()
    emails: tuple[str, ...] = ()
    bad_lines: tuple[int, ...] = field(default=())


def read_people(text: str) -> PeopleFile:
    """Return the people in a list: an id or an e-mail address in each line.

    Further columns are ignored, as is a first line that is only a heading.
    """
    ids, emails, bad = {}, {}, []
    for number, row in enumerate(_rows(text), 1):
        found = _first(row)
        if isinstance(found, int):
            ids[found] = True
        elif found:
            emails[found] = True
        elif any(cell.strip() for cell in row) and number > 1:
            bad.append(number)
    return PeopleFile(tuple(ids), tuple(emails), tuple(bad))


def _rows(text: str) -> Iterable[list[str]]:
    delimiter = ";" if text.count(";") > text.count(",") else ","
    return csv.reader(text.lstrip("\ufeff").splitlines(), delimiter=delimiter)


def _first(row: list[str]) -> int | str | None:
    """Return the first cell that names a person, None when there is none."""
    for cell in (cell.strip() for cell in row):
        if cell.isascii() and cell.isdigit() and len(cell) < 10:
            return int(cell)
        if _EMAIL.fullmatch(cell):
            return cell.lower()
    return None
