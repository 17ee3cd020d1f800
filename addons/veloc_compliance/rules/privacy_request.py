"""The life of a data subject's request: kinds, states, clocks, refusals.

LGPD art. 18 lists the rights, art. 19 the terms: simplified answer at once, full
declaration within 15 calendar days of the request, over weekends and holidays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

ANSWER_WITHIN = timedelta(days=15)
# Day 12 of 15.
WARN_BEFORE = timedelta(days=3)
# An unproven request discloses nothing, and ends when its term ends.
OPEN = frozenset({"received", "identity_unverified", "in_progress", "waiting"})
# States in which we owe an answer: the person is known to be who they are, or we
# have not looked yet.
OWED = frozenset({"received", "in_progress", "waiting"})
LONGEST_EXTENSION = timedelta(days=15)

MOVES = {
    "received": {"identity_unverified", "in_progress", "denied", "expired"},
    # done: nobody was found, and the address that asked was told so.
    "identity_unverified": {"in_progress", "denied", "duplicate", "expired", "done"},
    "in_progress": {"waiting", "done", "denied", "duplicate"},
    "waiting": {"in_progress", "done", "denied"},
    "done": set(),
    "denied": {"in_progress"},
    "duplicate": set(),
    "expired": set(),
}


@dataclass(frozen=True, slots=True)
class Flow:
    """How a kind is worked: what is checked, and what comes by itself.

    ``at_once``: carried out the moment the person is proven, without staff.
    """

    article: str
    steps: tuple[str, ...]
    at_once: bool = False
    package: str | None = None
    propagates: bool = False


FLOWS = {
    "confirmation": Flow("art. 18 I", (), at_once=True),
    "access": Flow(
        "art. 18 II, art. 19 II",
        ("check_third_parties", "check_package"),
        package="declaration",
    ),
    "correction": Flow(
        "art. 18 III",
        ("decide_values", "apply_values", "tell_recipients"),
        propagates=True,
    ),
    "elimination": Flow(
        "art. 18 IV, art. 16",
        ("check_holds", "check_withdrawals", "carry_out", "tell_recipients"),
        propagates=True,
    ),
    "portability": Flow("art. 18 V", (), at_once=True, package="portability"),
    "consent_elimination": Flow(
        "art. 18 VI, art. 16",
        ("check_holds", "carry_out", "tell_recipients"),
        propagates=True,
    ),
    "sharing": Flow("art. 18 VII", (), at_once=True),
    "refusal_info": Flow("art. 18 VIII", (), at_once=True),
    "revocation": Flow("art. 18 IX, art. 8 § 5", (), at_once=True),
    "opposition": Flow("art. 18 § 2", ("check_basis", "carry_out")),
    "automated_review": Flow("art. 20", ("review_decisions",)),
}

# Why a request may be refused, and the words of the law that say so.
LEGAL_GROUNDS = {
    "not_subject": "art. 18, caput",
    "identity_not_proven": "art. 18 § 3",
    "not_agent": "art. 18 § 4 I",
    "legal_obligation": "art. 16 I",
    "legal_claim": "art. 7 VI",
    "trade_secret": "art. 19 § 3, art. 20 § 1",
    "third_parties": "art. 18 § 4 II",
    "anonymised": "art. 12, art. 18 § 7",
    "unfounded": "art. 18 § 4 II",
}


def can_move(state: str, target: str) -> bool:
    """Return whether a request may go from one state to another."""
    return target in MOVES[state]


def due_at(received_at: datetime) -> datetime:
    """Return when the answer is due: calendar days, whatever day that is."""
    return received_at + ANSWER_WITHIN


def clock(state: str, due: datetime, now: datetime) -> str:
    """Return ``closed``, ``overdue``, ``due`` (day 12 on) or ``on_time``."""
    if state not in OPEN:
        return "closed"
    if now >= due:
        return "overdue"
    return "due" if now >= due - WARN_BEFORE else "on_time"


def days_left(due: datetime, now: datetime) -> int:
    """Return whole days until due, the started one counted; negative once late."""
    seconds = (due - now).total_seconds()
    return -int(-seconds // 86400)


def extension_refusal(due: datetime, first_due: datetime, until: datetime) -> str:
    """Return why a term may not be moved to ``until``, or an empty string."""
    if until <= due:
        return "not_later"
    if until > first_due + LONGEST_EXTENSION:
        return "too_long"
    return ""


def refusal_refusal(reason: str, ground: str) -> str:
    """Return why a request may not be refused like this, or an empty string."""
    if ground not in LEGAL_GROUNDS:
        return "no_ground"
    # "No" is not a reason that a person could answer to.
    return "" if len((reason or "").strip()) >= 15 else "no_reason"


def ends_unproven(state: str, due: datetime, now: datetime) -> bool:
    """Return whether a request nobody proved to be theirs is over."""
    return state == "identity_unverified" and now >= due
