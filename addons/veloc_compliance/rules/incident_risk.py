"""Must this incident be communicated? The criteria of Res. CD/ANPD 15/2024, art. 5.

It must when it may significantly affect people's interests and rights **and** one
of six criteria about the data is met. The rule answers; a person decides and says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# Art. 5 § 1: how people may be significantly affected.
IMPACTS = (
    "blocks_rights",
    "material_damage",
    "moral_damage",
    "discrimination",
    "physical_integrity",
    "reputation",
    "fraud",
)
# Art. 5 I to VI: what the data are.
CRITERIA = (
    "sensitive",
    "vulnerable",
    "financial",
    "authentication",
    "secrecy",
    "large_scale",
)
# What lowers the risk; it is argued in the decision and never decides by itself.
MITIGATIONS = ("unreadable", "contained")


@dataclass(frozen=True, slots=True)
class Assessment:
    """The rule's answer with what it rests on."""

    must_notify: bool
    impacts: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    mitigations: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """Return the code of the sentence that explains the answer."""
        if self.must_notify:
            return "both"
        if not self.impacts and not self.criteria:
            return "neither"
        return "no_criterion" if self.impacts else "no_impact"


def assess(answers: Mapping[str, bool]) -> Assessment:
    """Return the assessment of a filled-in questionnaire; unanswered means no."""
    impacts, criteria, mitigations = (
        tuple(code for code in codes if answers.get(code))
        for codes in (IMPACTS, CRITERIA, MITIGATIONS)
    )
    return Assessment(bool(impacts and criteria), impacts, criteria, mitigations)
