"""Tightening acts at once, loosening waits: may this suppression be lifted?"""

from __future__ import annotations

from datetime import datetime

# The person chose these for their own protection: they run their full time.
BINDING = frozenset({"self_exclusion", "cooling_off"})
# Facts about the person that only the officer may declare mistaken.
OFFICER_ONLY = frozenset({"deceased", "minor"})


def lift_refusal(
    kind: str, until: datetime | None, now: datetime, by_officer: bool
) -> str | None:
    """Return why a suppression stays, or None when it may be lifted.

    A binding one without an end stays until an officer decides in writing.
    """
    if kind in BINDING and until is not None and now < until:
        return "runs_until"
    needs_officer = kind in OFFICER_ONLY or (kind in BINDING and until is None)
    return "officer_only" if needs_officer and not by_officer else None
