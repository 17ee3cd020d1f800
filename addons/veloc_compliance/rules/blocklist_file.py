"""Do-not-contact lists as they come: Não Me Perturbe, Procon, a broker's own.

One address in each row: a phone number, an e-mail address or a CPF. With a heading
the named columns are read; without one the first cell that is an address.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

import phonenumbers
from stdnum.br import cpf as br_cpf

CPF, EMAIL, PHONE = "cpf", "email", "phone"
# What the scope of a list closes; None: every channel.
SCOPES: dict[str, tuple[str | None, ...]] = {
    "calls": ("call",),
    "phones": ("call", "sms", "whatsapp"),
    "email": ("email",),
    "all": (None,),
}
HEADINGS = {
    CPF: {"cpf", "documento"},
    EMAIL: {"email", "e mail", "correio", "mail"},
    PHONE: {
        "telefone",
        "fone",
        "phone",
        "celular",
        "numero",
        "linha",
        "terminal",
        "tel",
    },
}
AREA_HEADINGS = {"ddd"}
BRAZIL = 55
DELIMITERS = ";,\t|"

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_OLD_MOBILE = re.compile(r"[1-9]{2}[6-9]\d{7}")
_NOT_DIGITS = re.compile(r"\D")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file; ``kind`` is empty where it names nobody."""

    line: int
    kind: str = ""
    value: str = ""
    problem: str = ""


def decode(data: bytes) -> str:
    """Return the text of a file: UTF-8 where it is that, else what Excel writes."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def read(text: str, holds: str | None = None, skip: int = 0) -> Iterator[Row]:
    """Yield a row for each line that is not empty, in the order of the file.

    ``holds`` says what addresses a file without a heading has: eleven digits may be
    a mobile number as well as a CPF. The first ``skip`` rows are passed over.
    """
    columns, lines = _open(text)
    for number, cells in islice(lines, skip, None):
        yield _row(number, cells, columns) if columns else _guess(number, cells, holds)


def count(text: str) -> int:
    """Return how many rows there are to read."""
    return sum(1 for _line in _open(text)[1])


def normalise(kind: str, text: str) -> str | None:
    """Return the one form of an address that is compared, None if it is none."""
    return {CPF: _cpf, EMAIL: _email, PHONE: _phone}[kind](text.strip())


def is_suspiciously_short(new: int, standing: int) -> bool:
    """Return whether a list that replaces another has lost too much to be true."""
    return standing >= 20 and new < standing / 2


def _open(text: str) -> tuple[dict[str, int], Iterator[tuple[int, list[str]]]]:
    """Return what the columns are, and the numbered lines that are not empty."""
    delimiter = max(DELIMITERS, key=text[:4096].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    lines = (
        (number, cells)
        for number, cells in enumerate(reader, 1)
        if any(cell.strip() for cell in cells)
    )
    first = next(lines, None)
    columns = _columns(first[1]) if first and first[0] == 1 else {}
    is_kept = first is not None and not columns
    return columns, chain([first] if is_kept else [], lines)


def _columns(cells: list[str]) -> dict[str, int]:
    """Return which column holds what; empty when the line is no heading."""
    found = {}
    for position, cell in enumerate(cells):
        name = _plain(cell)
        for kind, names in HEADINGS.items():
            if name in names or set(name.split()) & names:
                found.setdefault(kind, position)
        if name in AREA_HEADINGS:
            found["area"] = position
    return found


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.strip().lower())
    letters = "".join(c for c in folded if not unicodedata.combining(c))
    return " ".join(re.split(r"[^a-z]+", letters)).strip()


def _row(line: int, cells: list[str], columns: dict[str, int]) -> Row:
    for kind in (CPF, PHONE, EMAIL):
        text = _cell(cells, columns.get(kind))
        if kind == PHONE and text:
            text = _cell(cells, columns.get("area")) + text
        if text:
            value = normalise(kind, text)
            return Row(line, kind, value) if value else Row(line, problem=f"no_{kind}")
    return Row(line, problem="no_address")


def _guess(line: int, cells: list[str], holds: str | None) -> Row:
    for cell in cells:
        for kind in [holds] if holds else (EMAIL, PHONE, CPF):
            value = cell.strip() and normalise(kind, cell)
            if value:
                return Row(line, kind, value)
    return Row(line, problem="no_address")


def _cell(cells: list[str], position: int | None) -> str:
    is_there = position is not None and position < len(cells)
    return cells[position].strip() if is_there else ""


def _email(text: str) -> str | None:
    return text.lower() if _EMAIL.fullmatch(text) else None


def _cpf(text: str) -> str | None:
    digits = _NOT_DIGITS.sub("", text)
    return digits if br_cpf.is_valid(digits) else None


def _phone(text: str) -> str | None:
    """Return E.164; a mobile number of before 2016 gets the ninth digit it has now."""
    try:
        number = phonenumbers.parse(text, "BR")
    except phonenumbers.NumberParseException:
        return None
    national = str(number.national_number)
    if number.country_code == BRAZIL and _OLD_MOBILE.fullmatch(national):
        number.national_number = int(f"{national[:2]}9{national[2:]}")
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
