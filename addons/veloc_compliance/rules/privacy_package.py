"""One person's data as files a person can read and a program can read back.

``pack`` makes a zip of JSON and CSV with a list of hashes; ``unpack`` reads it back
and refuses what was changed. The CSV files alone give the same values.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

# Columns whose values are not text are written as JSON, and the header says so.
JSON_MARK = " (json)"
DATA_FILE = "data.json"
MANIFEST = "manifest.json"
# A zip entry needs a date; the same data must give the same bytes.
ZIP_DATE = (1980, 1, 1, 0, 0, 0)

Rows = list[dict[str, Any]]
Data = Mapping[str, Mapping[str, Rows]]


class DamagedError(ValueError):
    """The package is not what was packed."""


def to_json(content: Any) -> bytes:
    """Return readable JSON, the same bytes for the same content."""
    text = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True)
    return text.encode() + b"\n"


def to_csv(rows: Rows) -> bytes:
    """Return rows as CSV: a header, text as it is, all else as JSON."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    plain = {name for name in names if all(_is_plain(row.get(name)) for row in rows)}
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([name if name in plain else name + JSON_MARK for name in names])
    for row in rows:
        writer.writerow([_cell(row.get(name), name in plain) for name in names])
    return out.getvalue().encode("utf-8-sig")


def from_csv(content: bytes) -> Rows:
    """Return the rows that ``to_csv`` wrote."""
    table = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    if not table:
        return []
    header, *lines = table
    return [
        {
            _name(name): _value(name, cell)
            for name, cell in zip(header, line, strict=True)
        }
        for line in lines
    ]


def _is_plain(value: Any) -> bool:
    # An empty text would come back as "nothing".
    return value is None or (isinstance(value, str) and value != "")


def _cell(value: Any, is_plain: bool) -> str:
    if is_plain:
        return value or ""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _name(header: str) -> str:
    return header.removesuffix(JSON_MARK)


def _value(header: str, cell: str) -> Any:
    if header.endswith(JSON_MARK):
        return json.loads(cell)
    return cell or None


def file_name(data_class: str, model: str) -> str:
    """Return the CSV's name of one model's rows."""
    return f"csv/{data_class}.{model}.csv"


def pack(about: Mapping[str, Any], data: Data, extra: Mapping[str, bytes]) -> bytes:
    """Return the zip: ``about`` (who, when, why) and ``data`` as JSON, rows as CSV."""
    files = {DATA_FILE: to_json({"about": about, "data": data}), **extra}
    for data_class, by_model in data.items():
        for model, rows in by_model.items():
            if rows:
                files[file_name(data_class, model)] = to_csv(rows)
    hashes = {name: hashlib.sha256(body).hexdigest() for name, body in files.items()}
    files[MANIFEST] = to_json({"sha256": hashes})
    return _zip(files)


def _zip(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, ZIP_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, files[name])
    return out.getvalue()


def unpack(content: bytes) -> dict[str, Any]:
    """Return ``{"about", "data"}`` of a package; refuses one that was changed."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        hashes = json.loads(files.pop(MANIFEST))["sha256"]
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise DamagedError("not a package of ours") from error
    if files.keys() != hashes.keys():
        raise DamagedError("files were added or taken out")
    for name, body in files.items():
        if hashlib.sha256(body).hexdigest() != hashes[name]:
            raise DamagedError(f"{name} was changed")
    return json.loads(files[DATA_FILE])
