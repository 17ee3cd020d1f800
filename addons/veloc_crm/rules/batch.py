"""A batch of events on its way in: what is good, what is refused, what was known."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple

from . import event_schema
from .amendments import Target
from .event_schema import INTRODUCING, Event, EventError, parse_event
from .money import Rates, convert
from .plain_events import PlainReader, line_of


class Known(NamedTuple):
    """A trader that exists: our id and the contact's."""

    trader_id: int
    partner_id: int
    company_id: int


@dataclass(slots=True)
class Batch:
    """What is known of a batch while it is taken in.

    ``lines`` are the plain events, which are only counted, as lines for the database.
    ``events`` are the others; it shrinks as checks refuse, and ``ids`` holds the row
    ids of those that are new.
    """

    source: str
    now: datetime
    rows: list = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    rejected: list[dict] = field(default_factory=list)
    warnings: list[dict] = field(default_factory=list)
    staged: int = 0  # plain events of traders we know
    accepted: int = 0
    duplicates: int = 0
    # The source's ids of events that were here before this batch.
    repeated: set[str] = field(default_factory=set)
    known: dict[str, Known] = field(default_factory=dict)
    factors: dict[int, Decimal] = field(default_factory=dict)
    # By index, the events that reversals and corrections are about.
    targets: dict[int, Target] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    created: int = 0  # traders
    # Events that named a merged trader by another reference, and which.
    aliases: dict[str, int] = field(default_factory=dict)
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

    def make_careful(self, indexes):
        """Move plain events whose line will not do to the careful road."""
        for index in indexes:
            self.events.append(parse_event(self.rows[index], index, self.now))
        self.events.sort(key=attrgetter("index"))

    def careful_lines(self) -> list[str]:
        """Return the careful events that are still good as lines for the database."""
        return [
            line_of(
                event,
                self.company_amount(event),
                *(
                    self._company(event, value)
                    for value in (event.volume, event.result)
                ),
            )
            for event in self.events
        ]

    def set_factors(self, rates: Rates):
        """Find each event's rate to company money; refuse those without.

        It is the rate of the event's day; a correction's is that of what it corrects.
        """
        factors = {
            event.index: rates.factor(event.currency, self._day(event))
            for event in self.events
            if event.currency
        }
        self.keep(lambda e: factors.get(e.index, 1) is not None, "no_rate")
        self.factors = factors

    def _day(self, event):
        return self.targets.get(event.index, event).at.date()

    def corrected_values(self, event: Event) -> dict[str, Decimal]:
        """Return what a correction says, in company money; the rest stays."""
        values = {
            "amount": event.amount,
            "volume": event.volume,
            "result": event.result,
        }
        return {
            name: self._company(event, value)
            for name, value in values.items()
            if (value is not None if name == "amount" else event.data.get(name))
        }

    def company_amount(self, event: Event) -> Decimal | None:
        """Return the amount in company money, or None if there is no amount."""
        return None if event.amount is None else self._company(event, event.amount)

    def _company(self, event, value):
        return convert(value, self.factors.get(event.index, Decimal(1)))

    def unknown_refs(self) -> set[str]:
        """Return the references that nobody has met and an event introduces."""
        return {
            event.trader
            for event in self.events
            if event.type in INTRODUCING and event.trader not in self.known
        }


def read_batch(source: str, rows: list, now: datetime, own_currency=None) -> Batch:
    """Return the batch with its well-formed events; the rest is refused by row.

    Without the company's currency nothing is plain: every row goes the careful road.
    """
    event_schema.check_envelope(source, rows)
    batch = Batch(source, now, rows)
    read = PlainReader(own_currency, now).read if own_currency else None
    seen = set()
    for index, raw in enumerate(rows):
        line = read(raw, index) if read else None
        if line is None:
            try:
                event = parse_event(raw, index, now)
            except EventError as error:
                batch.reject(index, event_schema.readable_id(raw), error.code)
                continue
            name = event.id
        else:
            name = raw["id"]
        if name in seen:
            batch.duplicates += 1
            continue
        seen.add(name)
        if line is None:
            batch.events.append(event)
        else:
            batch.lines.append(line)
    return batch


def _note(index, event_id, code):
    # XML-RPC has no null: a row without an id answers with an empty one.
    return {"index": index, "id": event_id or "", "code": code}
