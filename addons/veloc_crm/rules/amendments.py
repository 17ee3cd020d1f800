"""Reversals and corrections: which earlier event they are about, and what holds now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from .event_schema import Event

# What only counts can be taken back; a consent or an exclusion has done more than that.
CORRECTABLE = frozenset(
    {
        "deposit_started",
        "deposit_approved",
        "deposit_failed",
        "withdrawal_requested",
        "withdrawal_processing",
        "withdrawal_paid",
        "withdrawal_rejected",
        "trade",
    }
)
ALLOWED = {"reversal": CORRECTABLE | {"login"}, "correction": CORRECTABLE}
# Taken back, they may take a stage with them.
MOVING = frozenset({"deposit_approved", "trade"})


@dataclass(frozen=True, slots=True)
class Target:
    """The event that a reversal or a correction names."""

    trader: str
    type: str
    at: datetime
    is_reversed: bool = False
    is_pending: bool = False  # it came in the same batch and may yet be refused


@dataclass(frozen=True, slots=True)
class TakenBack:
    """When a trader's events were reversed, and when these had been."""

    at: datetime
    times: list[datetime]


def judge(event: Event, target: Target | None) -> str | None:
    """Return why this event cannot be taken, ``repeated`` if it says nothing new, or
    None."""
    if target is None or target.trader != event.trader:
        return "unknown_target"
    if target.type not in ALLOWED[event.type]:
        return "not_reversible"
    if event.type == "reversal" and target.is_reversed:
        return "repeated"
    return None


def changes(events: Iterable[Event], ids: Mapping[str, int]) -> dict[str, dict]:
    """Return ``{target: change}`` of new amending events.

    A reversal holds whatever is corrected; of several corrections the latest.
    """
    found: dict[str, dict] = {}
    for event in sorted(events, key=attrgetter("at")):
        change = found.setdefault(event.target, {"is_reversed": False})
        if event.type == "reversal":
            change["is_reversed"] = True
        else:
            change["corrected_at"] = event.at
            change["corrected_by"] = ids[event.id]
            change["event"] = event
    return found
