"""The plain majority of a batch: trades, logins, deposits, read in one tight loop.

``read_plain`` takes an event only if the careful road (``event_schema``) would take it
as it stands and do nothing but count it. Whatever is odd it leaves to the careful
road, which alone knows why something is wrong.
"""

import math
import re
from datetime import datetime
from decimal import Decimal

import orjson

from .event_schema import (
    AMOUNT,
    CLOCK_SKEW,
    EARLIEST,
    ELSEWHERE_KEYS,
    INTRODUCING,
    KNOWN_TYPES,
    MAX_DATA,
    MAX_ID,
    MAX_TYPE,
    MONEY_REQUIRED,
    PERSONAL_KEYS,
    SIGNED,
    TYPE,
    Event,
)

# These do more than count: they introduce, protect, or change what was told before.
CAREFUL_TYPES = INTRODUCING | {
    "kyc_submitted",
    "kyc_approved",
    "kyc_rejected",
    "limit_set",
    "self_excluded",
    "complaint_opened",
    "complaint_closed",
    "account_closed",
    "account_reopened",
    "reversal",
    "correction",
}
# Keys of ``data`` that other parts read, or that must not be kept.
CAREFUL_KEYS = PERSONAL_KEYS | ELSEWHERE_KEYS
NULL = "\\N"
_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|\+00:00)", re.ASCII)
_FLAT = frozenset({str, int, bool, type(None)})


class PlainReader:
    """Reads single events of one batch into lines for ``COPY``."""

    def __init__(self, own_currency: str, now: datetime):
        self._own = own_currency
        self._earliest = EARLIEST.isoformat()
        self._latest = (now + CLOCK_SKEW).isoformat(timespec="microseconds")
        self._types: dict[str, str | None] = {}

    # pylint: disable-next=method-required-super  # no model: it reads an event
    def read(self, raw, index: int) -> str | None:
        """Return the event as a line, or None if it needs the careful road."""
        try:
            kind, name, trader = raw["type"], raw["id"], raw["trader"]
            known = self._types[kind]
            # One test for both: neither NUL nor a line's end is printable.
            both = name + trader
            if (
                known is None
                or not both.isprintable()
                or not 0 < len(name) <= MAX_ID
                or not 0 < len(trader) <= MAX_ID
            ):
                return None
        except KeyError:
            return self._meet(raw, index)
        except TypeError:
            return None
        at = self._time(raw.get("at"))
        amount = raw.get("amount")
        if amount is None:
            is_money = kind not in MONEY_REQUIRED
            amount = NULL
        else:
            is_money = type(amount) is str and AMOUNT.fullmatch(amount)
        currency = raw.get("currency")
        details = self._details(raw.get("data"), kind)
        if (
            at is None
            or details is None
            or not is_money
            or (currency is not None and currency != self._own)
        ):
            return None
        if "\\" in both:
            name, trader = _escape(name), _escape(trader)
        return (
            f"{index}\t{name}\t{kind}\t{known}\t{trader}\t{at}\t{amount}\t"
            f"{currency or NULL}\t{amount}\t{details}\tt\n"
        )

    def _meet(self, raw, index):
        """Learn a type when it is seen first; an event without one is odd."""
        kind = raw.get("type")
        if type(kind) is not str or kind in self._types:
            return None
        is_plain = (
            kind not in CAREFUL_TYPES and len(kind) <= MAX_TYPE and TYPE.fullmatch(kind)
        )
        known = "t" if kind in KNOWN_TYPES else "f"
        self._types[kind] = known if is_plain else None
        return self.read(raw, index) if is_plain else None

    def _time(self, text):
        """Return a time in UTC as PostgreSQL takes it, None if it is odd."""
        if type(text) is not str or not _UTC.fullmatch(text):
            return None
        text = text[: -1 if text[-1] == "Z" else -6]
        try:
            datetime.fromisoformat(text)
        except ValueError:
            return None
        # The same form on both sides: text compares as time does.
        return text if self._earliest <= text <= self._latest else None

    def _details(self, data, kind):
        """Return volume, result and ``data`` as columns, None if they are odd."""
        if data is None or data == {}:
            return _NOTHING
        if type(data) is not dict or not CAREFUL_KEYS.isdisjoint(data):
            return None
        text = _json(data)
        if kind != "trade" or text is None:
            return text and f"{NULL}\t{NULL}\t{text}"
        volume = _decimal(data.get("volume"), AMOUNT)
        result = _decimal(data.get("result"), SIGNED)
        return volume and result and f"{volume}\t{result}\t{text}"


_NOTHING = f"{NULL}\t{NULL}\t{NULL}"


def line_of(event: Event, amount: Decimal | None, volume: Decimal, result: Decimal):
    """Return a careful event as a line; the money is the company's."""
    if event.type != "trade":
        volume = result = None
    values = (
        event.index,
        _escape(event.id),
        event.type,
        "t" if event.is_known else "f",
        _escape(event.trader),
        event.at.isoformat(),
        *(NULL if v is None else v for v in (event.amount, event.currency, amount)),
        *(NULL if v is None else v for v in (volume, result)),
        NULL if event.stored_data is None else _escape(event.stored_data),
        "f",
    )
    return "\t".join(map(str, values)) + "\n"


def _json(data):
    """Return ``data`` as an escaped text, None if there is more to it than values."""
    for value in data.values():
        if type(value) not in _FLAT and not _is_number(value):
            return None
    try:
        text = orjson.dumps(data).decode()
    except (TypeError, ValueError):
        return None
    is_good = len(text) <= MAX_DATA // 4 or len(text.encode()) <= MAX_DATA
    if "\\" in text:
        is_good = is_good and "\\u0000" not in text
        text = _escape(text)
    return text if is_good else None


def _escape(text):
    return text.replace("\\", "\\\\")


def _is_number(value):
    return type(value) is float and math.isfinite(value)


def _decimal(text, pattern):
    """Return a decimal text, zero for none, None for what is odd."""
    if text is None:
        return "0"
    return text if type(text) is str and pattern.fullmatch(text) else None
