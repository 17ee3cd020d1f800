"""A file of consents that somebody else collected, read row by row.

Brazilian spreadsheets come with semicolons, cp1252 and day-first dates; American ones
the other way round. We look, say what we saw, and guess nothing about a yes or a no.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from .consent_item import Fault

DELIMITERS = ";,\t|"
MAX_ROWS = 200_000
MAX_BYTES = 20 * 1024 * 1024
SAMPLE = 65_536

# How a row may name its person, surest first.
PERSON = ("contact_id", "external_ref", "cpf", "email", "phone")
DETAILS = (
    "purpose",
    "channel",
    "granted",
    "at",
    "language",
    "version",
    "source",
    "ip",
    "user_agent",
    "evidence",
)
TARGETS = (*PERSON, *DETAILS)
# Names people give to these columns, best first, folded.
_SYNONYMS = {
    "contact_id": "contact_id partner_id id_contato",
    "external_ref": "external_ref ref trader trader_id codigo codigo_cliente client_id "
    "customer_id id_cliente account_id login",
    "cpf": "cpf documento",
    "email": "email e_mail mail endereco_de_email",
    "phone": "phone telefone celular mobile fone numero",
    "purpose": "purpose finalidade purpose_code codigo_finalidade list lista",
    "channel": "channel canal meio",
    "granted": "granted consent consentimento aceite opt_in optin autoriza aceitou",
    "at": "at date data datetime data_hora given_at data_consentimento data_aceite "
    "created_at timestamp",
    "language": "language idioma lang",
    "version": "version versao purpose_version versao_texto",
    "source": "source origem formulario form",
    "ip": "ip ip_address endereco_ip",
    "user_agent": "user_agent useragent navegador browser",
    "evidence": "evidence prova evidencia comprovante protocolo observacao",
}
_YES = frozenset(
    ("yes", "y", "sim", "s", "true", "1", "x", "aceito", "aceitou", "granted", "optin")
)
_NO = frozenset(
    ("no", "n", "nao", "false", "0", "recusado", "revogado", "revoked", "optout")
)
_CHANNELS = {
    "email": "email", "e_mail": "email", "mail": "email",
    "sms": "sms", "torpedo": "sms",
    "whatsapp": "whatsapp", "wpp": "whatsapp", "zap": "whatsapp",
    "push": "push", "notificacao": "push",
    "call": "call", "phone": "call", "telefone": "call", "ligacao": "call",
}  # fmt: skip


class TableError(ValueError):
    """The whole file cannot be used; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Table:
    """Column names and rows of stripped text, with their lines in the file."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    delimiter: str = ";"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the file does not say itself."""

    # {column: target}; the other columns are left alone.
    mapping: Mapping[str, str] = field(hash=False)
    zone: str = "America/Sao_Paulo"
    is_day_first: bool = True
    # {target: text} for rows, or files, without that column.
    defaults: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Row:
    """One consent of the file: who, by every name given, and what was said."""

    person: Mapping[str, str] = field(hash=False)
    item: Mapping[str, Any] = field(hash=False)


def read_table(content: bytes) -> Table:
    """Return the table of a CSV file; raise ``TableError``."""
    if len(content) > MAX_BYTES:
        raise TableError("too_large")
    text = _decode(content)
    delimiter = sniff_delimiter(text[:SAMPLE])
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        columns = tuple(name.strip() for name in next(reader, ()))
        found = [
            (reader.line_num, tuple(cell.strip() for cell in row)) for row in reader
        ]
    except csv.Error as error:
        raise TableError("unreadable") from error
    found = [(line, row) for line, row in found if any(row)]
    if not columns or not found:
        raise TableError("empty")
    if len(found) > MAX_ROWS:
        raise TableError("too_many_rows")
    lines, rows = zip(*found, strict=True)
    return Table(columns, rows, lines, delimiter)


def _decode(content: bytes) -> str:
    if b"\x00" in content[:SAMPLE]:
        raise TableError("unreadable")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def sniff_delimiter(text: str) -> str:
    """Return the delimiter that cuts the first line into the most pieces.

    >>> sniff_delimiter("email;canal;data\\na@b.c;sms;1,5")
    ';'
    """
    head = next((line for line in text.splitlines() if line.strip()), "")
    counts = {
        sign: len(next(csv.reader([head], delimiter=sign))) for sign in DELIMITERS
    }
    return max(DELIMITERS, key=lambda sign: counts[sign])


def guess_mapping(columns: Iterable[str]) -> dict[str, str]:
    """Return ``{column: target}`` for the columns whose names we know."""
    by_key: dict[str, str] = {}
    for column in columns:
        by_key.setdefault(_key(column), column)
    mapping: dict[str, str] = {}
    for target, names in _SYNONYMS.items():
        known = [by_key[name] for name in names.split() if name in by_key]
        free = [column for column in known if column not in mapping]
        if free:
            mapping[free[0]] = target
    return mapping


def missing(mapping: Mapping[str, str], defaults: Mapping[str, str]) -> list[str]:
    """Return what no column and no default gives: person, purpose, channel, …"""
    given = set(mapping.values()) | {name for name, text in defaults.items() if text}
    found = [
        name for name in ("purpose", "channel", "granted", "at") if name not in given
    ]
    return found if given & set(PERSON) else ["person", *found]


def read_row(
    columns: Sequence[str], cells: Sequence[str], how: Settings
) -> Row | Fault:
    """Return what a row says, or the first thing that cannot be understood."""
    said = dict(how.defaults) | {
        how.mapping[column]: cell
        for column, cell in zip(columns, cells, strict=False)
        if column in how.mapping and cell
    }
    person = {name: said[name] for name in PERSON if said.get(name)}
    if not person:
        return Fault("no_person", "person")
    if not said.get("source", "").strip():
        return Fault("invalid", "source")
    return _item(said, person, how)


def _item(said: Mapping[str, str], person: dict, how: Settings) -> Row | Fault:
    granted = read_answer(said.get("granted", ""))
    at = read_moment(said.get("at", ""), how)
    version = said.get("version", "").lower().removeprefix("v")
    checks = {
        "purpose": bool(said.get("purpose")),
        "granted": granted is not None,
        "at": at is not None,
        "version": not version or (version.isascii() and version.isdigit()),
    }
    wrong = next((name for name, is_right in checks.items() if not is_right), None)
    if wrong:
        return Fault("invalid", wrong)
    item = {name: said[name] for name in DETAILS if said.get(name)}
    item |= {
        "purpose": said["purpose"].strip().lower(),
        "channel": _CHANNELS.get(_key(said.get("channel", "")), ""),
        "granted": granted,
        "at": at,
        "version": int(version) if version else None,
    }
    return Row(person, item)


def read_answer(text: str) -> bool | None:
    """Return yes or no; what is neither is no answer.

    >>> read_answer("Sim"), read_answer("não"), read_answer("talvez")
    (True, False, None)
    """
    word = _key(text).replace("_", "")
    if word in _YES:
        return True
    return False if word in _NO else None


_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ](.+))?")
_SLASHED = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[T ,]+(.+))?")
_CLOCK = re.compile(r"(\d\d?):(\d\d)(?::(\d\d))?(?:\.\d+)? ?(Z|[+-]\d\d:?\d\d)?")


def read_moment(text: str, how: Settings) -> datetime | None:
    """Return the moment in UTC, naive; a date alone begins at midnight there."""
    match = _ISO.fullmatch(text.strip())
    if match:
        year, month, day, clock = match.groups()
    elif match := _SLASHED.fullmatch(text.strip()):
        first, second, year, clock = match.groups()
        day, month = (first, second) if how.is_day_first else (second, first)
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
        return _in_utc(moment, offset, how.zone)
    except (ValueError, OverflowError):
        return None


def _in_utc(moment: datetime, offset: str | None, zone: str) -> datetime:
    if offset is None:
        aware = moment.replace(tzinfo=ZoneInfo(zone))
    else:
        sign = "+00:00" if offset == "Z" else offset
        aware = datetime.fromisoformat(moment.isoformat() + sign)
    return aware.astimezone(UTC).replace(tzinfo=None)


def _key(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")


def write_refused(
    table: Table, refused: Mapping[int, str], heading: Sequence[str]
) -> bytes:
    """Return a CSV with the refused rows and why, to repair and hand in again.

    ``refused``: reason by line. A cell that a spreadsheet would run is defused.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=table.delimiter)
    writer.writerow([*heading, *table.columns])
    for line, row in zip(table.lines, table.rows, strict=True):
        if line in refused:
            writer.writerow([line, refused[line], *map(_defused, row)])
    return out.getvalue().encode("utf-8-sig")


def _defused(cell: str) -> str:
    return f"'{cell}" if cell[:1] in ("=", "@") else cell
