"""How grave a risk to people is, and when an impact report may be approved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LEVELS = ("low", "medium", "high")
# What the report must say (LGPD art. 38, sole paragraph, and art. 5 XVII).
CHAPTERS = (
    "description",
    "data_collected",
    "method",
    "necessity",
    "safeguards",
    "conclusion",
)
LONGEST_SCALE = 5


@dataclass(frozen=True, slots=True)
class Risk:
    """One risk before and after its measures; 1 is least, 5 is most."""

    likelihood: int
    impact: int
    residual_likelihood: int
    residual_impact: int
    measures: str = ""


def level(likelihood: int, impact: int) -> str:
    """Return the level of a risk on the 5 by 5 grid.

    An impact of 5 is never low: what ruins somebody is no small matter for being rare.
    """
    for number in (likelihood, impact):
        if not 1 <= number <= LONGEST_SCALE:
            raise ValueError(f"not on the scale of 1 to {LONGEST_SCALE}: {number}")
    product = likelihood * impact
    if product >= 15:
        return "high"
    return "medium" if product >= 6 or impact == LONGEST_SCALE else "low"


def highest(levels: Iterable[str]) -> str:
    """Return the gravest of some levels; "low" for none."""
    return max(levels, key=LEVELS.index, default="low")


def approval_faults(chapters: Mapping[str, str], risks: list[Risk]) -> list[str]:
    """Return codes of what keeps a report from being approved, in its order."""
    faults = [name for name in CHAPTERS if len((chapters.get(name) or "").strip()) < 20]
    if not risks:
        faults.append("no_risks")
    if any(_is_unanswered(risk) for risk in risks):
        faults.append("no_measures")
    if any(_residual(risk) == "high" for risk in risks):
        faults.append("residual_high")
    return faults


def _is_unanswered(risk):
    """Return whether a risk that is not low has no measure against it."""
    return level(risk.likelihood, risk.impact) != "low" and not risk.measures.strip()


def _residual(risk):
    return level(risk.residual_likelihood, risk.residual_impact)
