"""A batch of events on its way in: what is good, what is refused, what was known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from . import event_schema
from .daybook import Entry
from .event_schema import INTRODUCING, Event, EventError, parse_event
from .money import Rates, convert


class Known(NamedTuple):
    """A trader that exists: our id and the contact's."""

    trader_id: int
    partner_id: int
    company_id: int


@dataclass(slots=True)
class Batch:
    """``events`` shrinks as checks refuse; ``ids`` holds the new ones' row ids."""

    source: str
    now: datetime
    events: list[Event] = field(default_factory=list)
    rejected: list[dict] = field(default_factory=list)
    warnings: list[dict] = field(default_factory=list)
    duplicates: int = 0
    known: dict[str, Known] = field(default_factory=dict)
    factors: dict[int, Decimal] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    created: int = 0  # traders
    # Who was erased and signed up anew: their reference and what they are known by.
    returning: dict[str, list] = field(default_factory=dict)

    def reject(self, index: int, event_id: str | None, code: str):
        """Note a refused row."""
        self.rejected.append(_note(index, event_id, code))

    def warn(self, event: Event, code: str):
        """Note a row that is stored with a part left out."""
        self.warnings.append(_note(event.index, event.id, code))

    def keep(self, allows, code: str):
        """Reject with ``code`` the events that ``allows`` does not let pass."""
        kept = []
        for event in self.events:
            if allows(event):
                kept.append(event)
            else:
                self.reject(event.index, event.id, code)
        self.events = kept

    @property
    def new_events(self) -> list[Event]:
        """Return the events that nobody sent before."""
        return [event for event in self.events if event.id in self.ids]

    def claim(self, ids: Mapping[str, int]):
        """Take the row ids of the new events; all others were here before."""
        self.ids = dict(ids)
        self.duplicates += len(self.events) - len(ids)

    def set_factors(self, rates: Rates):
        """Find each event's rate to company money; refuse those without."""
        factors = {
            event.index: rates.factor(event.currency, event.at.date())
            for event in self.events
            if event.currency
        }
        self.keep(lambda e: factors.get(e.index, 1) is not None, "no_rate")
        self.factors = factors

    def company_amount(self, event: Event) -> Decimal | None:
        """Return the amount in company money, or None if there is no amount."""
        if event.amount is None:
            return None
        return convert(event.amount, self.factors.get(event.index, Decimal(1)))

    def entries(self) -> list[Entry]:
        """Return the new events as the books want them."""
        one = Decimal(1)
        entries = []
        for event in self.new_events:
            factor = self.factors.get(event.index, one)
            entries.append(
                Entry(
                    trader_id=self.known[event.trader].trader_id,
                    type=event.type,
                    at=event.at,
                    amount=convert(event.amount or Decimal(0), factor),
                    volume=convert(event.volume, factor),
                    result=convert(event.result, factor),
                )
            )
        return entries

    def unknown_refs(self) -> set[str]:
        """Return the references that nobody has met and an event introduces."""
        return {
            event.trader
            for event in self.events
            if event.type in INTRODUCING and event.trader not in self.known
        }


def read_batch(source: str, rows: list, now: datetime) -> Batch:
    """Return the batch with its well-formed events; the rest is refused by row."""
    event_schema.check_envelope(source, rows)
    batch = Batch(source, now)
    seen = set()
    for index, raw in enumerate(rows):
        try:
            event = parse_event(raw, index, now)
        except EventError as error:
            batch.reject(index, event_schema.readable_id(raw), error.code)
            continue
        if event.id in seen:
            batch.duplicates += 1
            continue
        seen.add(event.id)
        batch.events.append(event)
    return batch


def _note(index, event_id, code):
    # XML-RPC has no null: a row without an id answers with an empty one.
    return {"index": index, "id": event_id or "", "code": code}
