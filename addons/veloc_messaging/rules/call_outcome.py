"""What follows when somebody has called a person, or could not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from . import message_state

REACHED, NO_ANSWER, BUSY = "reached", "no_answer", "busy"
WRONG_NUMBER, CALL_BACK, DO_NOT_CALL = "wrong_number", "call_back", "do_not_call"
OUTCOMES = (REACHED, NO_ANSWER, BUSY, WRONG_NUMBER, CALL_BACK, DO_NOT_CALL)
OPEN, DONE, MISSED, CANCELLED = "open", "done", "missed", "cancelled"

# So often we try somebody who does not pick up.
MOST_ATTEMPTS = 3
AGAIN_AFTER = {NO_ANSWER: timedelta(hours=2), BUSY: timedelta(minutes=15)}
# A task whose message says nothing about its end is of use for so long.
DEFAULT_TERM = timedelta(days=7)
# How long after the time a person asked for the call is still welcome.
GRACE = timedelta(hours=4)

# outcome that ends the task → (state of the message, failure class, code)
_ENDS = {
    REACHED: (message_state.DELIVERED, None, None),
    # The person heard us; what they said stops the next call, not this one.
    DO_NOT_CALL: (message_state.DELIVERED, None, None),
    WRONG_NUMBER: (message_state.UNDELIVERED, "permanent", WRONG_NUMBER),
}


@dataclass(frozen=True, slots=True)
class Step:
    """The task after an outcome; ``message`` is None while it stays open."""

    state: str
    call_at: datetime | None = None
    due_at: datetime | None = None
    message: str | None = None
    failure_class: str | None = None
    failure_code: str | None = None


def due_at(useful_until: datetime | None, now: datetime) -> datetime:
    """Return until when the call is of use.

    >>> due_at(None, datetime(2026, 3, 11))
    datetime.datetime(2026, 3, 18, 0, 0)
    """
    return useful_until or now + DEFAULT_TERM


def after_outcome(
    outcome: str,
    *,
    attempts: int,
    now: datetime,
    due: datetime,
    call_back_at: datetime | None = None,
) -> Step:
    """Return what becomes of the task and of its message.

    ``attempts`` counts the calls made, this one included. ValueError: an outcome
    nobody knows, or a call back without a time to come.
    """
    if outcome in _ENDS:
        return Step(DONE, None, None, *_ENDS[outcome])
    if outcome == CALL_BACK:
        if call_back_at is None or call_back_at <= now:
            raise ValueError("a call back needs a time to come")
        return Step(OPEN, call_back_at, max(due, call_back_at + GRACE))
    if outcome not in AGAIN_AFTER:
        raise ValueError(f"no such outcome: {outcome}")
    again = now + AGAIN_AFTER[outcome]
    if attempts >= MOST_ATTEMPTS or again > due:
        return Step(MISSED, None, None, message_state.UNDELIVERED, "retry", outcome)
    return Step(OPEN, again, due)


def too_late() -> Step:
    """Return what becomes of a task that nobody did in time."""
    return Step(MISSED, None, None, message_state.UNDELIVERED, "late", "too_late")


def not_allowed(reason: str) -> Step:
    """Return what becomes of a task that the gate does not allow any more."""
    return Step(CANCELLED, None, None, message_state.FAILED, "gate", reason)


def share_out(count: int, open_calls: dict[int, int]) -> list[int]:
    """Return who gets each of ``count`` tasks: always who has the fewest.

    ``open_calls`` has the open tasks of everybody at the desk, by id.

    >>> share_out(3, {7: 0, 8: 2})
    [7, 7, 7]
    >>> share_out(3, {7: 0, 8: 1})
    [7, 7, 8]
    """
    load = dict(open_calls)
    owners = []
    for _ in range(count if load else 0):
        owner = min(load, key=lambda user: (load[user], user))
        load[owner] += 1
        owners.append(owner)
    return owners
