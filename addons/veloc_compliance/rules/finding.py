"""What a rule of the watch found: one trouble that deserves one alert."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

# From the mildest: the place in this row is the weight.
SEVERITIES = ("info", "warning", "critical")
LIVE = ("open", "acknowledged")


@dataclass(frozen=True, slots=True)
class Finding:
    """One trouble; ``key`` tells it from the others of the same rule.

    ``at`` is the moment of the newest event behind it: an alert that was closed after
    that moment is not opened again by the same event. ``about_user_id`` is the member
    of staff it is about, who may not close it. ``severity`` replaces the rule's own.
    """

    key: str
    detail: str = ""
    res_model: str | None = None
    res_id: int = 0
    severity: str | None = None
    at: datetime | None = None
    about_user_id: int | None = None
    company_id: int | None = None


def graver(severity: str, other: str) -> bool:
    """Return whether ``severity`` weighs more than ``other``."""
    return SEVERITIES.index(severity) > SEVERITIES.index(other)


def urgency(state: str, severity: str) -> int:
    """Return what sorts a list of alerts: what nobody has seen, the gravest first."""
    if state not in LIVE:
        return 0
    return 10 * (state == "open") + SEVERITIES.index(severity) + 1


def one_per_key(findings: list[Finding]) -> list[Finding]:
    """Return the findings without doubles; of two the newer event, else the later."""
    kept: dict[str, Finding] = {}
    for finding in findings:
        other = kept.get(finding.key)
        if other is None or not _is_older(finding, other):
            kept[finding.key] = finding
    return list(kept.values())


def _is_older(one: Finding, other: Finding) -> bool:
    return bool(one.at and other.at and one.at < other.at)


def fold(findings: list[Finding], most: int) -> tuple[list[Finding], int]:
    """Return what gets an alert of its own, and how many more there were.

    A flood is one trouble: a thousand alerts would hide the other ones.
    """
    return findings[:most], max(len(findings) - most, 0)
