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

# Seconds an account rests when a provider is mute, down or asks for it without saying
# how long; doubled each time nothing got through in between.
REST = {"slow": 2.0}
DEFAULT_REST, LONGEST_REST = 30.0, 900.0

# Hours before a message that a provider gave up is sent again.
RESENDS = (1, 4, 12)


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


def rest(kind: str, failures: int, retry_after: float | None = None) -> float:
    """Return how many seconds an account rests after trouble of this kind.

    ``failures`` counts the rests in a row before this one; what the provider asked for
    goes before our own table.

    >>> [rest("in_doubt", n) for n in (0, 1, 2, 10)]
    [30.0, 60.0, 120.0, 900.0]
    """
    if retry_after:
        return min(retry_after, LONGEST_REST)
    return min(REST.get(kind, DEFAULT_REST) * 2 ** min(failures, 10), LONGEST_REST)


def resend_at(
    resends: int, now: datetime, useful_until: datetime | None = None
) -> datetime | None:
    """Return when to send again what was finally not delivered, None for never.

    ``resends`` counts how often that was done already.
    """
    if resends >= len(RESENDS):
        return None
    at = now + timedelta(hours=RESENDS[resends])
    return None if useful_until and at > useful_until else at
