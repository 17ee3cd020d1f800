"""When a balancing test (LIA) carries legitimate interest (LGPD art. 10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

# The questions everybody answers in words: purpose, need, balance, safeguards.
QUESTIONS = (
    "interest",
    "situation",
    "data_used",
    "necessity",
    "expectation_note",
    "impact",
    "safeguards",
    "conclusion",
)
# Warn this long before the day of the review.
NOTICE_DAYS = 30


@dataclass(frozen=True, slots=True)
class Assessment:
    """A balancing test as these rules see it."""

    answers: Mapping[str, str]
    is_lawful: bool = False
    is_expected: bool = False
    has_less_intrusive: bool = False
    concerns_minors: bool = False
    is_sensitive: bool = False
    has_opt_out: bool = False
    outcome: str = ""
    state: str = "draft"
    review_on: date | None = None
    expires_on: date | None = None


def faults(test: Assessment, today: date) -> list[str]:
    """Return everything that keeps it from being approved, worst first.

    What the law itself decides is not left to the person who fills it in: sensitive
    data know no legitimate interest (art. 11), children's best interest stands first
    (art. 14), and the person must be able to object (art. 18 § 2).
    """
    found = [f"no_{name}" for name in QUESTIONS if not _said(test, name)]
    checks = {
        "is_sensitive": test.is_sensitive,
        "concerns_minors": test.concerns_minors,
        "not_lawful": not test.is_lawful,
        "less_intrusive": test.has_less_intrusive,
        "no_opt_out": not test.has_opt_out,
        "no_outcome": test.outcome not in ("passes", "fails"),
        "outcome_fails": test.outcome == "fails",
        "no_review": _is_past(test.review_on, today),
        "no_expiry": not _is_after(test.expires_on, test.review_on),
    }
    return found + [code for code, is_wrong in checks.items() if is_wrong]


def standing(test: Assessment | None, today: date) -> str:
    """Return whether a purpose may stand on it: valid, or why it may not."""
    if test is None:
        return "missing"
    if test.state != "approved":
        return "not_approved"
    return "expired" if _is_past(test.expires_on, today) else "valid"


def review_due(test: Assessment, today: date) -> bool:
    """Return whether somebody should look at it again now."""
    if test.state != "approved" or test.review_on is None:
        return False
    return (test.review_on - today).days <= NOTICE_DAYS


def _said(test: Assessment, name: str) -> bool:
    # One word is no reasoning.
    return len((test.answers.get(name) or "").split()) >= 3


def _is_past(day: date | None, today: date) -> bool:
    return day is None or day <= today


def _is_after(day: date | None, other: date | None) -> bool:
    return day is not None and other is not None and day > other
