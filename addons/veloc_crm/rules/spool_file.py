"""Files of events that programs drop: what a name says, and rows one at a time.

A reader never holds more than one line, and always knows how far it is: from a
position it goes on as if it had never stopped.
"""

import csv
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from gzip import BadGzipFile
from typing import BinaryIO

from .event_schema import MAX_SOURCE
from .import_table import sniff_delimiter

BOM = b"\xef\xbb\xbf"
MAX_LINE = 262_144  # bytes
MAX_JSON = 8_388_608  # bytes: as much as the API takes at once
BATCH_ROWS, BATCH_BYTES = 5_000, 8_388_608
API_COLUMNS = frozenset({"id", "type", "trader", "at", "amount", "currency"})
NEEDED_COLUMNS = frozenset({"id", "type", "trader", "at"})
_NAME = re.compile(r"[^./\x00][^/\x00]{0,199}\.(ndjson|jsonl|json|csv)(\.gz)?")
# What reading a damaged .gz raises.
DAMAGED = (EOFError, BadGzipFile, zlib.error)

_ = str  # marks texts for the translators; the model that answers translates

MESSAGES = {
    "malformed_line": _("The line is no JSON object, or has more cells than columns."),
    "line_too_long": _("The line is longer than 256 KiB."),
}
FILE_MESSAGES = {
    "unknown_columns": _(
        "The first line names neither id, type, trader and at, nor the columns of an "
        "import profile."
    ),
    "too_many_rows": _(
        "Without a column for the id a file holds at most a million rows: split it."
    ),
    "not_events": _("The file is no JSON list of events and no body of the API."),
    "too_large": _("A .json file holds at most 8 MiB: send .ndjson instead."),
    "damaged": _("The file is damaged: it ends in the middle or is no .gz file."),
    "no_permission": _("Odoo's user may not read the file."),
    "vanished": _("The file is no longer in the folder."),
    "invalid_source": _("The name of the file begins with no source."),
}


class FileError(ValueError):
    """The file cannot be used; ``code`` is a key of ``FILE_MESSAGES``."""

    def __init__(self, code: str):
        super().__init__(FILE_MESSAGES[code])
        self.code = code


@dataclass(frozen=True, slots=True)
class Name:
    """``platform.history.2024.csv.gz``: source, form, packed or not, news or not."""

    source: str
    kind: str
    is_packed: bool
    is_history: bool


@dataclass(frozen=True, slots=True)
class Item:
    """A row of the file: what was read, or what is wrong with its line."""

    line: int
    row: object
    code: str | None = None


def read_name(name: str) -> Name | None:
    """Return what the name says; None if it is no finished file for us."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    parts = name.split(".")
    kind = "ndjson" if match[1] == "jsonl" else match[1]
    return Name(parts[0][:MAX_SOURCE], kind, bool(match[2]), "history" in parts[1:-1])


class Lines:
    """The lines of a stream, with where we are; None stands for one too long."""

    def __init__(self, stream: BinaryIO, position: int = 0, number: int = 0):
        stream.seek(position)
        self.stream, self.position, self.number = stream, position, number

    def __iter__(self):
        return self

    def __next__(self) -> bytes | None:
        raw = self._read()
        if not raw:
            raise StopIteration
        self.number += 1
        if len(raw) == MAX_LINE and not raw.endswith(b"\n"):
            while (raw := self._read()) and not raw.endswith(b"\n"):
                pass
            return None
        return raw.removeprefix(BOM) if self.number == 1 else raw

    def _read(self):
        raw = self.stream.readline(MAX_LINE)
        self.position += len(raw)
        return raw


class NdjsonReader:
    """One JSON object a line; empty lines are nothing."""

    def __init__(self, stream: BinaryIO, position: int = 0, line: int = 0):
        self.lines = Lines(stream, position, line)
        self.source = None

    @property
    def position(self) -> int:
        return self.lines.position

    @property
    def line(self) -> int:
        return self.lines.number

    def __iter__(self) -> Iterator[Item]:
        for raw in self.lines:
            if raw is None:
                yield Item(self.line, {}, "line_too_long")
            elif raw.strip():
                yield self._item(raw)

    def _item(self, raw):
        try:
            row = json.loads(raw, parse_constant=_refuse)
        except (ValueError, RecursionError):
            text = raw.decode("utf-8", "replace").strip()
            return Item(self.line, {"line": text}, "malformed_line")
        return Item(self.line, row)


class CsvReader:
    """A header with the API's names; other columns become ``data``."""

    def __init__(self, stream: BinaryIO, position: int = 0, line: int = 0):
        self.source = None
        self.columns, self.delimiter, begin = read_header(stream)
        if not set(self.columns) >= NEEDED_COLUMNS:
            raise FileError("unknown_columns")
        self.lines = Lines(stream, position or begin, line or 1)

    @property
    def position(self) -> int:
        return self.lines.position

    @property
    def line(self) -> int:
        return self.lines.number

    def __iter__(self) -> Iterator[Item]:
        for line, cells, code in read_cells(self.lines, self.delimiter):
            if code is None and len(cells) > len(self.columns):
                code = "malformed_line"
            row = _event(self.columns, cells) if code is None else {"cells": cells}
            yield Item(line, row, code)


class JsonReader:
    """A whole small document: a list of events or a body of the API."""

    def __init__(self, stream: BinaryIO, position: int = 0, line: int = 0):
        stream.seek(0)
        content = stream.read(MAX_JSON + 1)
        if len(content) > MAX_JSON:
            raise FileError("too_large")
        try:
            document = json.loads(content.removeprefix(BOM), parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise FileError("not_events") from error
        self.source, self.rows = None, document
        if isinstance(document, dict):
            self.source, self.rows = document.get("source"), document.get("events")
        if not isinstance(self.rows, list):
            raise FileError("not_events")
        self.position = self.line = position

    def __iter__(self) -> Iterator[Item]:
        for row in self.rows[self.position :]:
            self.position += 1
            self.line = self.position
            yield Item(self.line, row)


READERS = {"ndjson": NdjsonReader, "csv": CsvReader, "json": JsonReader}


def take(items: Iterator[Item], reader) -> list[Item]:
    """Return the next batch: so many rows or so many bytes."""
    batch, begin = [], reader.position
    for item in items:
        batch.append(item)
        if len(batch) == BATCH_ROWS or reader.position - begin >= BATCH_BYTES:
            break
    return batch


def read_cells(lines: Lines, delimiter: str):
    """Yield (line, cells, code) of a CSV; a record may span several lines."""
    texts = _Texts(lines)
    records = csv.reader(texts, delimiter=delimiter)
    while True:
        begin = lines.number + 1
        texts.was_cut = False
        try:
            cells = next(records)
        except StopIteration:
            return
        except csv.Error:
            yield begin, [], "malformed_line"
            continue
        if texts.was_cut:
            yield begin, [], "line_too_long"
        elif any(cells):
            yield begin, [cell.strip() for cell in cells], None


class _Texts:
    """Lines as text: UTF-8, else what Brazilian spreadsheets write."""

    def __init__(self, lines):
        self.lines, self.was_cut = lines, False

    def __iter__(self):
        return self

    def __next__(self):
        raw = next(self.lines)
        if raw is None:
            self.was_cut = True
            return "\n"
        return _decode(raw).replace("\x00", "")


def read_header(stream: BinaryIO) -> tuple[tuple[str, ...], str, int]:
    """Return the columns, the delimiter, and where the first row begins."""
    lines = Lines(stream)
    raw = next(lines, b"")
    text = _decode(raw or b"").strip()
    if not text:
        raise FileError("unknown_columns")
    delimiter = sniff_delimiter(text)
    columns = next(csv.reader([text], delimiter=delimiter))
    return tuple(name.strip() for name in columns), delimiter, lines.position


def _event(columns, cells):
    row, data = {}, {}
    for name, value in zip(columns, cells, strict=False):
        if value and name in API_COLUMNS:
            row[name] = value
        elif value:
            data[name.removeprefix("data.")] = value
    return {**row, "data": data} if data else row


def _decode(raw):
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _refuse(name):
    raise ValueError(f"{name} is no JSON")
