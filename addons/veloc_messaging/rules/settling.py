"""What look-ups prove about messages whose answer was lost."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

ADOPT, ABSENT, AMBIGUOUS, UNKNOWN = "adopt", "absent", "ambiguous", "unknown"


@dataclass(frozen=True, slots=True)
class Case:
    """One message in doubt and what its look-up saw, as (provider ref, status)."""

    key: int
    sightings: tuple[tuple[str, str], ...]
    complete: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    kind: str
    provider_ref: str = ""
    status: str = ""
    detail: str = ""


def settle(cases: Iterable[Case], adopted: Collection[str]) -> dict[int, Finding]:
    """Return a finding per case.

    ``adopted`` are provider refs that already belong to a message. A sighting counts
    for one message only. As many sightings as look-alike messages: each gets one;
    fewer or more: nobody can tell, so a person decides. Absence counts only when the
    look-up was complete.
    """
    groups = defaultdict(list)
    for case in cases:
        free = tuple(s for s in case.sightings if s[0] not in adopted)
        groups[tuple(sorted(free))].append(case)
    seen = Counter(ref for sightings in groups for ref, _status in sightings)
    findings = {}
    for sightings, group in groups.items():
        shared = any(seen[ref] > 1 for ref, _status in sightings)
        findings.update(_settle_group(sightings, group, shared))
    return findings


def _settle_group(sightings, group, shared):
    if not sightings:
        return {
            case.key: Finding(ABSENT if case.complete else UNKNOWN, detail=case.detail)
            for case in group
        }
    if shared or len(sightings) != len(group):
        return {case.key: Finding(AMBIGUOUS, detail="ambiguous") for case in group}
    return {
        case.key: Finding(ADOPT, ref, status)
        for case, (ref, status) in zip(group, sightings, strict=True)
    }
