"""A file of somebody else's making, read as a table of text.

Brazilian spreadsheets come with semicolons, decimal commas, cp1252 and day-first
dates; American ones the other way round. We look, and say what we saw.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from zipfile import BadZipFile
from zoneinfo import ZoneInfo

import pandas as pd

from .csv_table import read_lines, read_records

DELIMITERS = ",;\t|"
XLSX_MAGIC = b"PK\x03\x04"
MAX_ROWS = 1_000_000
SAMPLE = 65_536

_ = str  # marks texts for the translators; the model that answers translates

MESSAGES = {
    "empty_file": _("The file has no rows."),
    "unreadable_file": _("The file is neither CSV nor XLSX, or it is damaged."),
    "too_many_rows": _("The file has more than a million rows; split it."),
    "more_cells": _("The line has more cells than the file has columns."),
    "open_quote": _("The line has a quotation mark that nothing closes."),
    "undecodable": _("The line is in no encoding that we know."),
}

# Wanted field → names that people give its column, best first (without accents).
SYNONYMS = {
    "traders": {
        "ref": "ref trader trader_id codigo client_id customer_id cliente "
        "codigo_cliente external_ref account account_id login id",
        "name": "name nome full_name nome_completo client_name",
        "email": "email e_mail mail",
        "phone": "phone telefone celular mobile whatsapp fone",
        "cpf": "cpf documento",
        "birth_date": "birth_date data_nascimento nascimento birthday dob",
        "state": "state uf estado",
        "zone": "zone time_zone timezone fuso",
        "language": "language idioma lang",
        "at": "signup_at data_cadastro cadastro registered_at created_at date data",
        "utm_source": "utm_source origem source",
        "utm_medium": "utm_medium medium",
        "utm_campaign": "utm_campaign campanha campaign",
    },
    "transactions": {
        "ref": "ref trader trader_id codigo client_id customer_id cliente "
        "codigo_cliente external_ref account account_id login sampleid customer client",
        "at": "at date data datetime data_hora created_at timestamp time",
        "amount": "amount valor value sales total quantia",
        "type": "type tipo event evento kind operacao",
        "currency": "currency moeda",
        "id": "id transaction_id id_transacao event_id txid",
    },
}
REQUIRED = {"traders": ("ref",), "transactions": ("ref", "at", "amount")}


class TableError(ValueError):
    """The file cannot be used; ``code`` is a key of ``MESSAGES``."""

    def __init__(self, code: str):
        super().__init__(MESSAGES[code])
        self.code = code


@dataclass(frozen=True, slots=True)
class Table:
    """Column names and rows of stripped text; ``numbers`` are the rows' lines in the
    file, the header being line 1. ``problems`` are the lines that cannot be read as a
    row, each with a key of ``MESSAGES``; their cells are shown only."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]
    problems: Mapping[int, str] = field(default_factory=dict)

    def column(self, name: str) -> list[str]:
        """Return all values of one column."""
        position = self.columns.index(name)
        return [row[position] for _number, row in self.readable()]

    def readable(self) -> list[tuple[int, tuple[str, ...]]]:
        """Return (line, cells) of the rows that can be read."""
        numbered = zip(self.numbers, self.rows, strict=True)
        return [item for item in numbered if item[0] not in self.problems]


def read_table(content: bytes) -> Table:
    """Return the table in a CSV or XLSX file; raise ``TableError``."""
    try:
        if _is_xlsx(content):
            return _from_frame(_read_xlsx(content))
        return _read_csv(content)
    except TableError:
        raise
    except (ValueError, KeyError, OSError, csv.Error, BadZipFile) as error:
        raise TableError("unreadable_file") from error


def _from_frame(frame):
    numbered = enumerate(frame.itertuples(index=False, name=None), 2)
    rows = ((number, row, None) for number, row in numbered)
    return _make_table(_names(map(str, frame.columns)), rows)


def _make_table(columns, found):
    """Return the table of (line, cells, problem), without the empty rows."""
    numbers, rows, problems = [], [], {}
    for number, cells, problem in found:
        if not any(cells):
            continue
        if len(rows) == MAX_ROWS:
            raise TableError("too_many_rows")
        numbers.append(number)
        rows.append(tuple(cell.strip() for cell in cells))
        if problem:
            problems[number] = problem
    if not rows:
        raise TableError("empty_file")
    return Table(columns, tuple(rows), tuple(numbers), problems)


def _is_xlsx(content):
    return content.startswith(XLSX_MAGIC)


def _read_xlsx(content):
    frame = pd.read_excel(
        io.BytesIO(content), dtype=object, keep_default_na=False, engine="openpyxl"
    )
    return frame.map(_cell_text)


def _cell_text(value):
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return "" if value is None else str(value)


def _read_csv(content):
    if b"\x00" in content[:SAMPLE]:
        raise TableError("unreadable_file")
    lines, unknown = read_lines(content)
    lines = [line.replace("\x00", "") for line in lines]
    if not any(map(str.strip, lines)):
        raise TableError("empty_file")
    delimiter = sniff_delimiter("".join(islice(lines, 50))[:SAMPLE])
    records = read_records(lines, delimiter)
    columns = _names(next(cells for *_where, cells, _whole in records if any(cells)))
    return _make_table(columns, _judged(records, len(columns), unknown))


def _judged(records, width, unknown):
    """Yield (line, cells, problem); short rows are filled, empty cells too many cut."""
    for start, end, cells, is_whole in records:
        problem = None
        if not is_whole:
            problem = "open_quote"
        elif unknown and any(line in unknown for line in range(start, end)):
            problem = "undecodable"
        elif any(map(str.strip, cells[width:])):
            problem = "more_cells"
        if problem is None:
            cells = cells[:width] + [""] * (width - len(cells))
        yield start + 1, cells, problem


def _names(cells):
    """Return the columns' names; those without one, or with another's, get one."""
    names, met = [], {}
    for position, cell in enumerate(cells):
        name = cell.strip() or f"Unnamed: {position}"
        met[name] = met.get(name, -1) + 1
        names.append(f"{name}.{met[name]}" if met[name] else name)
    return tuple(names)


def sniff_delimiter(text: str) -> str:
    """Return the delimiter that cuts the first lines into the most equal pieces."""
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    best, most = ",", 0
    for delimiter in DELIMITERS:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        if min(widths) == max(widths) > most + 1 or (widths[0] > 1 and not most):
            best, most = delimiter, widths[0] - 1
    return best


def guess_mapping(columns: Iterable[str], kind: str) -> dict[str, str]:
    """Return ``{column: field}`` for the columns whose names we know."""
    by_key = {_key(column): column for column in columns}
    mapping = {}
    for target, names in SYNONYMS[kind].items():
        for name in names.split():
            column = by_key.get(name)
            if column is not None and column not in mapping:
                mapping[column] = target
                break
    return mapping


def _key(column):
    plain = unicodedata.normalize("NFKD", column).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")


def sniff_decimal(values: Iterable[str]) -> str:
    """Return ``,`` or ``.``: the decimal sign that these amounts are written with."""
    commas = points = 0
    for value in values:
        match = re.search(r"([.,])(\d+)\D*$", value)
        if match is None:
            continue
        sign, digits = match.groups()
        # 1.234 may be a thousand; two different signs or other lengths tell.
        sure = len(digits) != 3 or len(set(re.findall(r"[.,]", value))) == 2
        commas += sure and sign == ","
        points += sure and sign == "."
    return "," if commas > points else "."


def read_amount(text: str, decimal: str) -> str | None:
    """Return a plain decimal text from ``R$ 1.234,56``, or None."""
    body = re.sub(r"[^\d.,-]", "", text)
    thousands = "." if decimal == "," else ","
    body = body.replace(thousands, "").replace(decimal, ".")
    if not re.fullmatch(r"-?\d+(\.\d+)?", body):
        return None
    return format(Decimal(body), "f")


def sniff_day_first(values: Iterable[str]) -> bool:
    """Tell whether 03/04 is 3 April; only a day above 12 can disprove it."""
    for value in values:
        match = re.match(r"(\d{1,2})[/.-](\d{1,2})[/.-]\d{2,4}", value)
        if match and int(match[1]) > 12:
            return True
        if match and int(match[2]) > 12:
            return False
    return True


_ISO = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ](.+))?")
_SLASHED = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[T ]+(.+))?")
_CLOCK = re.compile(r"(\d\d?):(\d\d)(?::(\d\d))?(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?")


def read_moment(text: str, day_first: bool, zone: ZoneInfo) -> datetime | None:
    """Return the moment in UTC (aware); a date alone begins at midnight in ``zone``."""
    if match := _ISO.fullmatch(text):
        year, month, day, clock = match.groups()
    elif match := _SLASHED.fullmatch(text):
        first, second, year, clock = match.groups()
        day, month = (first, second) if day_first else (second, first)
    else:
        return None
    parts = _CLOCK.fullmatch(clock.strip()) if clock else None
    if clock and not parts:
        return None
    hour, minute, second, offset = parts.groups() if parts else (0, 0, 0, None)
    try:
        moment = datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second or 0)
        )
    except ValueError:
        return None
    return _in_utc(moment, offset, zone)


def _in_utc(moment, offset, zone):
    if offset is None:
        return moment.replace(tzinfo=zone).astimezone(UTC)
    aware = datetime.fromisoformat(
        moment.isoformat() + ("+00:00" if offset == "Z" else offset)
    )
    return aware.astimezone(UTC)
