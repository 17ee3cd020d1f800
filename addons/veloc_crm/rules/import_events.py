"""From the rows of a table to events, each with an id that a second import repeats."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from .event_schema import parse_time
from .import_table import (
    Table,
    read_amount,
    read_moment,
    sniff_day_first,
    sniff_decimal,
)

_ = str  # marks texts for the translators; the model that answers translates

MESSAGES = {
    "no_ref": _("The row does not say which trader it is about."),
    "bad_date": _("The date cannot be read."),
    "bad_amount": _("The amount cannot be read."),
    "bad_type": _("The kind of transaction is unknown."),
}
TYPES = {
    "deposit_approved": "deposit deposito deposit_approved credit credito aporte",
    "withdrawal_paid": "withdrawal saque retirada withdrawal_paid debit debito",
}
TYPE_BY_NAME = {name: kind for kind, names in TYPES.items() for name in names.split()}
PERSONAL = ("name", "email", "phone", "cpf", "birth_date", "state", "zone", "language")
PERSONAL += ("utm_source", "utm_medium", "utm_campaign")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the file: its line, and its event or what is wrong with it.

    ``kept`` is what a person gets to put right: an event as far as it was understood,
    else the cells.
    """

    number: int
    ref: str
    event: dict | None = None
    problem: str | None = None
    kept: dict | None = None


@dataclass
class Import:
    """A table, what its columns mean, and how to read them."""

    table: Table
    kind: str
    mapping: Mapping[str, str]
    zone: ZoneInfo
    now: datetime
    currency: str = "BRL"
    default_type: str = "deposit_approved"
    _seen: Counter = field(default_factory=Counter)

    @cached_property
    def positions(self) -> dict[str, int]:
        """Return ``{field: column number}``."""
        return {
            target: self.table.columns.index(column)
            for column, target in self.mapping.items()
        }

    @cached_property
    def decimal(self) -> str:
        return sniff_decimal(self._values("amount"))

    @cached_property
    def day_first(self) -> bool:
        return sniff_day_first(self._values("at"))

    @cached_property
    def first_seen(self) -> dict[str, datetime]:
        """Return when each trader appears first in the file."""
        first: dict[str, datetime] = {}
        for _number, row in self.table.readable():
            ref, moment = self._get(row, "ref"), self._moment(row)
            if ref and moment and (ref not in first or moment < first[ref]):
                first[ref] = moment
        return first

    def rows(self) -> Iterator[Row]:
        """Yield all rows in the order of the file."""
        self._seen.clear()
        problems = self.table.problems
        for number, cells in zip(self.table.numbers, self.table.rows, strict=True):
            if problem := problems.get(number):
                yield Row(number, "", problem=problem, kept={"cells": list(cells)})
            else:
                yield self.read(number, cells)

    # pylint: disable-next=method-required-super  # no model: it reads a line
    def read(self, number: int, cells: Sequence[str]) -> Row:
        """Return one row; rows must come in the order of the file."""
        ref = self._get(cells, "ref")
        build = self._trader if self.kind == "traders" else self._transaction
        outcome = build(ref, cells) if ref else "no_ref"
        if isinstance(outcome, str):
            return Row(number, ref, problem=outcome, kept=self._draft(ref, cells))
        return Row(number, ref, event=outcome)

    def _draft(self, ref, cells):
        """Return the event of a row that cannot be read whole, with what it says."""
        moment, told = self._moment(cells), self._get(cells, "at")
        draft = {"trader": ref, "at": moment.isoformat() if moment else told}
        if self.kind == "traders":
            data = {key: text for key in PERSONAL if (text := self._get(cells, key))}
            own = {"id": f"trader-{_digest(ref, *cells)}", "type": "signup"}
            return {**own, **draft, "data": data}
        text = self._get(cells, "amount")
        amount = read_amount(text, self.decimal)
        kind = self._type(cells, amount or "") or self._get(cells, "type")
        draft = {"type": kind, **draft, "amount": text}
        if amount is not None:
            draft["amount"] = amount.lstrip("-")
        draft["currency"] = self._get(cells, "currency").upper() or self.currency
        if given := self._get(cells, "id"):
            return {"id": given, **draft}
        # Equal rows are as many transactions: they are kept apart.
        digest = _digest("", *draft.values())
        self._seen[digest] += 1
        nth = self._seen[digest]
        return draft | {"nth": nth} if nth > 1 else draft

    def introduction(self, ref: str) -> dict:
        """Return the sign-up of somebody we know only by their transactions."""
        return {
            "id": f"trader-{ref}"[:128],
            "type": "signup",
            "trader": ref,
            "at": self.first_seen[ref].isoformat(),
        }

    def _trader(self, ref, cells):
        moment = self._moment(cells)
        if moment is None and self._get(cells, "at"):
            return "bad_date"
        data = {key: text for key in PERSONAL if (text := self._get(cells, key))}
        return {
            "id": f"trader-{_digest(ref, *cells)}",
            "type": "signup",
            "trader": ref,
            "at": (moment or self.now).isoformat(),
            "data": data,
        }

    def _transaction(self, ref, cells):
        moment = self._moment(cells)
        if moment is None:
            return "bad_date"
        amount = read_amount(self._get(cells, "amount"), self.decimal)
        if amount is None:
            return "bad_amount"
        kind = self._type(cells, amount)
        if kind is None:
            return "bad_type"
        currency = self._get(cells, "currency").upper() or self.currency
        event = {
            "type": kind,
            "trader": ref,
            "at": moment.isoformat(),
            "amount": amount.lstrip("-"),
            "currency": currency,
        }
        return {"id": self._id(cells, event), **event}

    def _type(self, cells, amount):
        """Return the type of event; without a column, a minus sign is a withdrawal."""
        name = self._get(cells, "type").strip().lower()
        if name:
            return TYPE_BY_NAME.get(name.replace("ó", "o").replace("é", "e"))
        return "withdrawal_paid" if amount.startswith("-") else self.default_type

    def _id(self, cells, event):
        """Return the file's own id, or one made of the row: what it says, and which of
        several equal rows it is. So the same file again is all duplicates, and a
        corrected or longer one brings only what is new."""
        given = self._get(cells, "id")
        if given:
            return given
        digest = _digest(*event.values())
        self._seen[digest] += 1
        return _row_id(digest, self._seen[digest])

    def _moment(self, cells):
        return read_moment(self._get(cells, "at"), self.day_first, self.zone)

    def _get(self, cells, target):
        position = self.positions.get(target)
        return cells[position] if position is not None else ""

    def _values(self, target):
        position = self.positions.get(target)
        if position is None:
            return []
        return [row[position] for _number, row in self.table.readable()]


def name_event(event: dict) -> dict:
    """Return an event with an id: the one the corrected row of a file would get."""
    named = {key: value for key, value in event.items() if key != "nth"}
    if named.get("id"):
        return named
    moment = parse_time(named.get("at"))
    at = moment.replace(tzinfo=UTC).isoformat() if moment else ""
    told = [named.get(key) for key in ("type", "trader", "amount", "currency")]
    kind, trader, *money = [value if isinstance(value, str) else "" for value in told]
    nth = event.get("nth") if isinstance(event.get("nth"), int) else 1
    return {**named, "id": _row_id(_digest(kind, trader, at, *money), nth)}


def _row_id(digest, nth):
    return f"row-{digest}-{nth}"


def _digest(*parts):
    text = "\x1f".join(parts)
    return hashlib.sha256(text.encode()).hexdigest()[:24]
