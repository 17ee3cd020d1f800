"""What follows from a provider's answer: the next state, and when to try again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from . import message_state

HOUR = 3600.0

# Seconds before the next attempt, by how many attempts failed already. Half of the
# delay is fixed, half is jitter, so that a burst does not come back as a burst.
DELAYS = {
    "retry": (30.0, 120.0, 600.0, HOUR, 4 * HOUR),
    "slow": (2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 120.0, 300.0, 600.0, *[HOUR] * 11),
}
# The account is paused: its messages wait for a person, not for the clock.
CONFIG_DELAY = 60.0

_FINAL = {
    "permanent": message_state.FAILED,
    "suppress": message_state.FAILED,
    "window": message_state.FAILED,
    "policy": message_state.FAILED,
    "in_doubt": message_state.IN_DOUBT,
}
# The provider took it; a better status in the answer (sent, delivered) wins.
_TAKEN = {message_state.ACCEPTED, message_state.SENT, message_state.DELIVERED}


@dataclass(frozen=True, slots=True)
class Step:
    """Where a message goes after an answer; ``at`` only when it is queued again."""

    state: str
    at: datetime | None = None
    reason: str | None = None
    counts: bool = True


def after_answer(
    kind: str,
    *,
    now: datetime,
    attempts: int,
    useful_until: datetime | None = None,
    retry_after: float | None = None,
    status: str | None = None,
    jitter: float = 0.5,
) -> Step:
    """Return the step after an answer of this kind.

    ``attempts`` counts the calls made so far, this one included; ``jitter`` is a
    random number between 0 and 1. A config error and a send that was never started
    do not count as attempts.
    """
    if kind == "accepted":
        state = message_state.from_provider(status or "accepted")
        return Step(state if state in _TAKEN else message_state.ACCEPTED)
    if kind in _FINAL:
        return Step(_FINAL[kind])
    if kind == "not_started":
        return _again(now, now, useful_until, counts=False)
    if kind == "config":
        later = now + timedelta(seconds=CONFIG_DELAY)
        return _again(now, later, useful_until, counts=False)
    delay = _delay(kind, attempts, retry_after, jitter)
    if delay is None:
        return Step(message_state.FAILED, reason="gave_up")
    return _again(now, now + timedelta(seconds=delay), useful_until)


def _delay(kind, attempts, retry_after, jitter):
    delays = DELAYS[kind]
    if attempts > len(delays):
        return None
    delay = delays[max(attempts, 1) - 1]
    wait = delay / 2 + delay / 2 * jitter
    return max(wait, min(retry_after or 0.0, 24 * HOUR))


def _again(now, at, useful_until, *, counts=True):
    if useful_until and at > useful_until:
        return Step(message_state.EXPIRED, reason="too_late", counts=counts)
    return Step(message_state.QUEUED, at=at, counts=counts)
