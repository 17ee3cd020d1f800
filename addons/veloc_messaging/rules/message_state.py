"""The life of a message: which state may follow which.

Providers report late, twice and out of order, and several workers write at once.
So every move names the states it may come from; a late or repeated one matches
no row and falls out by itself.
"""

from __future__ import annotations

from collections.abc import Iterable

QUEUED, SENDING, IN_DOUBT = "queued", "sending", "in_doubt"
ACCEPTED, SENT, DELIVERED, READ = "accepted", "sent", "delivered", "read"
UNDELIVERED, FAILED = "undelivered", "failed"
BLOCKED, EXPIRED, CANCELLED = "blocked", "expired", "cancelled"

STATES = (
    QUEUED,
    SENDING,
    ACCEPTED,
    SENT,
    DELIVERED,
    READ,
    UNDELIVERED,
    FAILED,
    IN_DOUBT,
    BLOCKED,
    EXPIRED,
    CANCELLED,
)

_REPORTED = {ACCEPTED, SENT, DELIVERED, READ, UNDELIVERED, FAILED}

_NEXT = {
    QUEUED: {SENDING, BLOCKED, EXPIRED, CANCELLED},
    # Back to the queue only on proof that the message never left.
    SENDING: {QUEUED, IN_DOUBT, EXPIRED, *_REPORTED},
    IN_DOUBT: {QUEUED, EXPIRED, *_REPORTED},
    ACCEPTED: {SENT, DELIVERED, READ, UNDELIVERED, FAILED},
    SENT: {DELIVERED, READ, UNDELIVERED, FAILED},
    DELIVERED: {READ},
    READ: set(),
    # A person may try these again; nothing else reopens a final state.
    UNDELIVERED: {QUEUED},
    FAILED: {QUEUED},
    BLOCKED: set(),
    EXPIRED: set(),
    CANCELLED: set(),
}

RETRYABLE = frozenset({UNDELIVERED, FAILED})
ARRIVED = frozenset({DELIVERED, READ})

# The column that remembers when a state was reached.
STAMPS = {
    SENDING: "sending_at",
    ACCEPTED: "accepted_at",
    SENT: "sent_at",
    DELIVERED: "delivered_at",
    READ: "read_at",
    UNDELIVERED: "failed_at",
    FAILED: "failed_at",
}

# What providers call it. "partially_delivered" is not an end: more parts may come.
_FROM_PROVIDER = {
    "scheduled": ACCEPTED,
    "accepted": ACCEPTED,
    "queued": ACCEPTED,
    "sending": ACCEPTED,
    "sent": SENT,
    "partially_delivered": SENT,
    "delayed": SENT,  # e-mail: still being tried
    "delivered": DELIVERED,
    "read": READ,
    "played": READ,  # a voice message; Meta reports it after "read"
    "undelivered": UNDELIVERED,
    "failed": FAILED,
    "canceled": FAILED,
}


def can_move(current: str, target: str) -> bool:
    """Return whether ``target`` may follow ``current``.

    >>> can_move("sent", "delivered"), can_move("read", "delivered")
    (True, False)
    """
    return target in _NEXT[current]


def sources(target: str) -> tuple[str, ...]:
    """Return the states from which ``target`` can be reached."""
    return tuple(state for state in STATES if target in _NEXT[state])


def from_provider(status: str) -> str | None:
    """Return our state for a provider's status word, None for an unknown one."""
    return _FROM_PROVIDER.get(status.strip().lower())


def fold(current: str, reports: Iterable[str]) -> tuple[str, bool]:
    """Return the state after ``reports`` and whether they contradict each other.

    The first end reached is kept: a message that was reported failed and then
    delivered (or the reverse) stays as it was and is flagged.

    >>> fold("accepted", ["delivered", "sent"])
    ('delivered', False)
    >>> fold("failed", ["delivered"])
    ('failed', True)
    """
    conflict = False
    for report in reports:
        if can_move(current, report):
            current = report
        else:
            conflict = conflict or _contradict(current, report)
    return current, conflict


def _contradict(current: str, report: str) -> bool:
    return (current in ARRIVED and report in RETRYABLE) or (
        current in RETRYABLE and report in ARRIVED
    )
