"""Rows of a table as a sealed Parquet file, and back; never all of them in memory.

PostgreSQL sends and takes CSV by COPY; Arrow turns it into row groups. Amounts stay
the text that the database shows: a numeric keeps its digits.
"""

import hashlib
import io
import os

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from odoo.tools import SQL

from ...rules.sealed_file import SealedReader, SealedWriter

PIECE = 8_388_608  # bytes of CSV that become a row group
TYPES = {
    "bigint": pa.int64(),
    "integer": pa.int32(),
    "smallint": pa.int16(),
    "boolean": pa.bool_(),
    "timestamp without time zone": pa.timestamp("us"),
    "date": pa.date32(),
}
_WRITE = csv.WriteOptions(include_header=False, quoting_style="all_valid")


def write_month(cr, table, columns, path, key):
    """Write the table's rows to ``path``, sealed; return the file's SHA-256.

    ``columns`` are (name, type of PostgreSQL) pairs.
    """
    schema = pa.schema([(name, TYPES.get(kind, pa.string())) for name, kind in columns])
    with path.open("xb") as file:
        os.fchmod(file.fileno(), 0o600)
        with (
            SealedWriter(file, key) as sealed,
            pq.ParquetWriter(sealed, schema, compression="zstd") as writer,
        ):
            sink = _CsvSink(writer, schema)
            cr.copy_expert(
                SQL(
                    "COPY (SELECT %s FROM %s ORDER BY id) TO STDOUT (FORMAT csv)",
                    names_sql(columns),
                    SQL.identifier(table),
                ).code,
                sink,
            )
            sink.flush()
        file.flush()
        os.fsync(file.fileno())
    return digest(path)


def read_month(cr, table, path, key):
    """Add the file's rows to a table; return the names of its columns."""
    with path.open("rb") as file, io.BufferedReader(SealedReader(file, key)) as sealed:
        month = pq.ParquetFile(sealed)
        names = month.schema_arrow.names
        statement = SQL(
            "COPY %s (%s) FROM STDIN (FORMAT csv)",
            SQL.identifier(table),
            SQL(", ").join(SQL.identifier(name) for name in names),
        )
        cr.copy_expert(statement.code, _CsvSource(month))
    return names


def names_sql(columns):
    """Return the column names as SQL."""
    return SQL(", ").join(SQL.identifier(name) for name, _kind in columns)


def digest(path):
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _CsvSink:
    """Takes what COPY sends and writes a row group for each piece."""

    def __init__(self, writer, schema):
        self.writer, self.schema, self.buffer = writer, schema, bytearray()

    def write(self, data):  # pylint: disable=method-required-super  # a file
        self.buffer += data
        if len(self.buffer) >= PIECE:
            # No value of a row holds a line break: texts are printable, JSON escapes.
            self._write_group(self.buffer.rfind(b"\n") + 1)
        return len(data)

    def flush(self):
        self._write_group(len(self.buffer))

    def _write_group(self, end):
        if not end:
            return
        table = csv.read_csv(
            io.BytesIO(bytes(self.buffer[:end])),
            csv.ReadOptions(column_names=self.schema.names, use_threads=False),
            csv.ParseOptions(newlines_in_values=False),
            csv.ConvertOptions(
                column_types=self.schema,
                true_values=["t"],
                false_values=["f"],
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
        self.writer.write_table(table)
        del self.buffer[:end]


class _CsvSource:
    """Gives COPY the rows of the file, one row group at a time."""

    def __init__(self, month):
        self.month, self.next_group, self.rest = month, 0, memoryview(b"")

    def read(self, size=-1):  # pylint: disable=method-required-super  # a file
        while not self.rest and self.next_group < self.month.num_row_groups:
            text = io.BytesIO()
            csv.write_csv(self.month.read_row_group(self.next_group), text, _WRITE)
            self.rest = memoryview(text.getvalue())
            self.next_group += 1
        if size < 0:
            size = len(self.rest)
        piece, self.rest = self.rest[:size], self.rest[size:]
        return bytes(piece)
