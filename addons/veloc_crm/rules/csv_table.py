"""The lines of a CSV file, each read for itself: a bad one spoils no other.

A line is UTF-8, else what Brazilian spreadsheets write; what is neither is shown as
far as it goes. A quote that nothing closes ends with its line, not with the file.
"""

import csv
import io
from collections.abc import Iterator
from itertools import islice


def read_lines(content: bytes) -> tuple[list[str], frozenset[int]]:
    """Return the lines with their ends, and the positions of undecodable ones."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _read_each(content)
    return list(io.StringIO(text, newline="")), frozenset()


def _read_each(content):
    lines, unknown = [], set()
    for position, raw in enumerate(io.BytesIO(content)):
        text, is_known = decode_line(raw)
        lines.append(text)
        if not is_known:
            unknown.add(position)
    return lines, frozenset(unknown)


def decode_line(raw: bytes) -> tuple[str, bool]:
    """Return a line as text, and whether its encoding is one we know."""
    for encoding in ("utf-8", "cp1252"):
        try:
            return raw.decode(encoding), True
        except UnicodeDecodeError:
            continue
    return raw.decode("cp1252", "replace"), False


def read_records(
    lines: list[str], delimiter: str
) -> Iterator[tuple[int, int, list[str], bool]]:
    """Yield (first line, line after the last, cells, is whole), positions from 0."""
    begin = 0
    while begin < len(lines):
        reader = csv.reader(islice(lines, begin, None), delimiter=delimiter)
        offset, begin = begin, len(lines)
        for start, end, cells in _records(reader, offset):
            if cells is None or _is_open(cells, lines[start:end]):
                yield start, start + 1, [lines[start].strip()], False
                begin = start + 1  # the lines it swallowed are read again
                break
            yield start, end, cells, True


def _records(reader, offset):
    """Yield (first line, line after the last, cells); no cells: not readable."""
    while True:
        start = offset + reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            cells = None
        yield start, offset + reader.line_num, cells


def _is_open(cells, lines):
    """Return whether the record ends inside a quote, or swallowed one that does."""
    has_break = any("\n" in cell or "\r" in cell for cell in cells)
    return has_break and "".join(lines).count('"') % 2 == 1
