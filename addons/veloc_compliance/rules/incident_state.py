"""The way of an incident through the desk, and what each step needs first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

REGISTERED, ASSESSED, COMMUNICATING, COMMUNICATED, CLOSED = (
    "registered",
    "assessed",
    "communicating",
    "communicated",
    "closed",
)
MOVES = {
    REGISTERED: (ASSESSED,),
    ASSESSED: (COMMUNICATING, CLOSED),
    COMMUNICATING: (COMMUNICATED,),
    COMMUNICATED: (CLOSED,),
    # New facts open an incident again; the register keeps what was closed.
    CLOSED: (REGISTERED,),
}
OPEN = frozenset({REGISTERED, ASSESSED, COMMUNICATING, COMMUNICATED})

_ASSESSING = ("nature", "data_affected", "decision", "decision_reason")
_CLOSING = ("root_cause", "measures_after", "tasks_done")
NEEDS = {
    (REGISTERED, ASSESSED): _ASSESSING,
    (ASSESSED, COMMUNICATING): ("notify", "affected_known_at", "list_frozen"),
    (ASSESSED, CLOSED): ("not_notify", *_CLOSING),
    (COMMUNICATING, COMMUNICATED): ("authority_told_at", "subjects_told"),
    (COMMUNICATED, CLOSED): ("proof_sent_at", *_CLOSING),
    (CLOSED, REGISTERED): (),
}


def can_move(state: str, target: str) -> bool:
    """Return whether the step exists."""
    return target in MOVES.get(state, ())


def missing(state: str, target: str, facts: Mapping[str, Any]) -> list[str]:
    """Return what is still missing for the step, in the order of the form."""
    return [need for need in NEEDS[state, target] if not facts.get(need)]


def needs_delay_reason(facts: Mapping[str, Any]) -> bool:
    """Return whether the law wants to hear why it took longer (art. 6 § 2 V)."""
    due, told = facts.get("due_at"), facts.get("authority_told_at")
    return bool(due and told and told > due)
