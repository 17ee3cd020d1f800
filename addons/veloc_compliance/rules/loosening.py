"""Taking protection away: by two people, after a delay, and never against a term.

``rules.suppression`` says what may be lifted at all; this says when and by whom.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from .suppression import BINDING, lift_refusal

SHORTEST_DELAY = timedelta(hours=24)
LONGEST_DELAY = timedelta(days=30)
# Who shut themselves out without an end thinks it over for a week.
DELAYS = {kind: timedelta(days=7) for kind in BINDING} | {
    "loss_limit": timedelta(days=7),
    "deceased": timedelta(days=3),
    "minor": timedelta(days=3),
}
REQUESTED, APPROVED, DONE, REFUSED, CANCELLED = (
    "requested",
    "approved",
    "done",
    "refused",
    "cancelled",
)
MOVES = {
    REQUESTED: (APPROVED, REFUSED, CANCELLED),
    APPROVED: (DONE, REFUSED, CANCELLED),
}
OPEN = (REQUESTED, APPROVED)


def delay(kind: str, house: timedelta | None = None) -> timedelta:
    """Return how long the loosening of this kind waits after its approval.

    ``house`` is the broker's own wish; it can lengthen, never go below a day.
    """
    wanted = max(DELAYS.get(kind, SHORTEST_DELAY), house or SHORTEST_DELAY)
    return min(max(wanted, SHORTEST_DELAY), LONGEST_DELAY)


def refusal(
    kind: str, until: datetime | None, now: datetime, by_officer: bool
) -> str | None:
    """Return why nobody may even ask for this, or None."""
    return lift_refusal(kind, until, now, by_officer)


def approval_refusal(requester: int, approver: int) -> str | None:
    """Return why this person cannot be the second one, or None."""
    return "same_person" if requester == approver else None


def can_move(state: str, target: str) -> bool:
    """Return whether a request in ``state`` can become ``target``."""
    return target in MOVES.get(state, ())
