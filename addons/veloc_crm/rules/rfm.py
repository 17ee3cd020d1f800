"""Recency, frequency, money: five steps each, and the segment a triple falls into.

The limits are the 20, 40, 60 and 80 % quantiles of the group. Who equals a limit is
below it; so equal people have equal scores, in whatever order they come.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

STEPS = 5
SHARES = (0.2, 0.4, 0.6, 0.8)


def limits(values: Iterable) -> list:
    """Return the four limits: real values of the group, as percentile_disc does."""
    ordered = sorted(values)
    if not ordered:
        return []
    count = len(ordered)
    return [ordered[max(-int(-share * count // 1), 1) - 1] for share in SHARES]


def score(value, steps: Sequence) -> int:
    """Return 1 to 5: the higher the value, the higher."""
    return 1 + sum(limit < value for limit in steps)


def score_recency(days, steps: Sequence) -> int:
    """Return 1 to 5: the fewer days ago, the higher."""
    return STEPS - sum(limit < days for limit in steps)


@dataclass(frozen=True, slots=True)
class Segment:
    """A named range of each score."""

    id: int
    r: tuple[int, int]
    f: tuple[int, int]
    m: tuple[int, int]

    def holds(self, r: int, f: int, m: int) -> bool:
        """Return whether the triple lies within all three ranges."""
        ranges = (self.r, self.f, self.m)
        return all(
            low <= value <= high
            for value, (low, high) in zip((r, f, m), ranges, strict=True)
        )


def segment_of(r: int, f: int, m: int, segments: Sequence[Segment]) -> int | None:
    """Return the id of the first segment that holds the triple."""
    return next((s.id for s in segments if s.holds(r, f, m)), None)


def segment_table(segments: Sequence[Segment]) -> dict[tuple[int, int, int], int]:
    """Return the segment of each of the 125 triples that has one."""
    found = {cell: segment_of(*cell, segments) for cell in cells()}
    return {cell: id_ for cell, id_ in found.items() if id_ is not None}


def uncovered(segments: Sequence[Segment]) -> list[tuple[int, int, int]]:
    """Return the triples that fall into no segment."""
    table = segment_table(segments)
    return [cell for cell in cells() if cell not in table]


def unreachable(segments: Sequence[Segment]) -> list[int]:
    """Return the segments that those before them leave nothing to."""
    reached = set(segment_table(segments).values())
    return [segment.id for segment in segments if segment.id not in reached]


def cells() -> list[tuple[int, int, int]]:
    """Return all triples, lowest first."""
    steps = range(1, STEPS + 1)
    return list(product(steps, steps, steps))
