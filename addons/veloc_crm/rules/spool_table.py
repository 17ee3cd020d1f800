"""A CSV as a bank or a platform writes it, read as an import profile says."""

from collections.abc import Iterator
from typing import BinaryIO

from .import_events import Import
from .import_table import MAX_ROWS
from .spool_file import FileError, Item, Lines, read_cells, read_header


class TableReader:
    """Reads from the beginning each time: equal rows are told apart by their order."""

    def __init__(self, stream: BinaryIO, job: Import, line: int = 0):
        self.source = None
        columns, self.delimiter, begin = read_header(stream)
        if columns != job.table.columns:
            raise FileError("unknown_columns")
        self.job, self.width, self.done = job, len(columns), line
        self.lines = Lines(stream, begin, 1)

    @property
    def position(self) -> int:
        return self.lines.position

    @property
    def line(self) -> int:
        return self.lines.number

    def __iter__(self) -> Iterator[Item]:
        has_ids = "id" in self.job.mapping.values()
        for line, cells, code in read_cells(self.lines, self.delimiter):
            if line > MAX_ROWS and not has_ids:
                raise FileError("too_many_rows")
            item = self._item(line, cells, code)
            if line > self.done:
                yield item

    def _item(self, line, cells, code):
        if code or len(cells) > self.width:
            return Item(line, {"cells": cells}, code or "malformed_line")
        cells = cells + [""] * (self.width - len(cells))
        row = self.job.read(line, cells)
        if row.problem:
            return Item(line, row.kept, row.problem)
        return Item(line, row.event)
