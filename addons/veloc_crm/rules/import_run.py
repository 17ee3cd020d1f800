"""What became of the rows of an import, batch by batch."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from .batch import Batch
from .import_events import Import, Row


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row: ``new``, ``duplicate`` or ``error`` with its code."""

    row: Row
    outcome: str
    code: str | None = None


@dataclass(slots=True)
class Tally:
    """Counts over a run."""

    traders: int = 0
    new: int = 0
    duplicate: int = 0
    error: int = 0
    outcomes: list[Outcome] = field(default_factory=list)

    def add(self, outcomes: Iterable[Outcome], created: int):
        """Count the outcomes of one more batch."""
        self.traders += created
        for item in outcomes:
            setattr(self, item.outcome, getattr(self, item.outcome) + 1)
            self.outcomes.append(item)


def plan_events(job: Import, rows: list[Row], known: Iterable[str], introduces: bool):
    """Return the events to hand in and which row each is of (None: a sign-up of
    somebody the file only knows by transactions)."""
    events, origins, met = [], [], set(known)
    for row in rows:
        if row.event is None:
            continue
        if introduces and row.ref not in met:
            met.add(row.ref)
            events.append(job.introduction(row.ref))
            origins.append(None)
        events.append(row.event)
        origins.append(row)
    return events, origins


def read_outcomes(rows: list[Row], origins: list, batch: Batch) -> list[Outcome]:
    """Return what became of each row, in the order of the file."""
    codes = {
        origins[note["index"]].number: note["code"]
        for note in batch.rejected
        if origins[note["index"]] is not None
    }
    fresh = {row.event["id"] for row in rows if row.event} - batch.repeated
    outcomes = []
    for row in rows:
        code = row.problem or codes.get(row.number)
        if code:
            outcomes.append(Outcome(row, "error", code))
        elif row.event["id"] in fresh:
            fresh.discard(row.event["id"])
            outcomes.append(Outcome(row, "new"))
        else:
            outcomes.append(Outcome(row, "duplicate"))
    return outcomes
