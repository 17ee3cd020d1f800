"""What a tile of the compliance board shows, and how bad it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

STATES = ("good", "warn", "bad")


@dataclass(frozen=True, slots=True)
class Line:
    """One number of a tile; ``open`` is the code of the list behind it."""

    label: str
    value: int | str
    state: str = "good"
    open: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """One part of the desk: its numbers, and its worst state in words."""

    code: str
    title: str
    lines: list[Line] = field(default_factory=list)
    hint: str = ""

    @property
    def state(self) -> str:
        """Return the worst state of its lines."""
        return worst(line.state for line in self.lines)

    def as_dict(self) -> dict:
        """Return what the screen gets: plain values."""
        return asdict(self) | {"state": self.state}


def worst(states: Iterable[str]) -> str:
    """Return the worst of several states; nothing at all is good."""
    return max(states, key=STATES.index, default="good")


def trouble(count: int, state: str = "bad") -> str:
    """Return the state of a number that ought to be zero."""
    return state if count else "good"
