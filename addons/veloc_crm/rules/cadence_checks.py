"""What must hold before a cadence version may be published, and who moves where."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from . import planner

SENDABLE_CHANNELS = frozenset({"email", "sms", "whatsapp"})
DIRECTIONS = ("keep", "move", "exit")


@dataclass(frozen=True)
class StepFacts:
    """A step and what is known about its template."""

    step: planner.Step
    channel: str
    has_template: bool = False
    is_approved: bool = False
    channels: frozenset[str] = field(default_factory=frozenset)
    lane: str = "bulk"
    is_promotional: bool = True


@dataclass(frozen=True)
class Problem:
    """One thing to repair, at one step (counted from 1; 0 is the whole version)."""

    code: str
    position: int = 0


def find_problems(
    kind: str, has_entry: bool, has_goal: bool, steps: Sequence[StepFacts]
) -> list[Problem]:
    """Return everything that stands in the way of publishing, in reading order."""
    return [
        *_version_problems(kind, has_entry, has_goal, steps),
        *(
            Problem(code, position)
            for position, step in enumerate(steps, 1)
            for code in _step_problems(kind, step)
        ),
        *_order_problems(steps),
    ]


def _version_problems(kind, has_entry, has_goal, steps) -> Iterator[Problem]:
    if not has_entry:
        yield Problem("no_entry")
    if not steps:
        yield Problem("no_steps")
    if kind == "cadence" and not has_goal:
        yield Problem("no_goal")


def _step_problems(kind: str, facts: StepFacts) -> Iterator[str]:
    if not facts.has_template:
        yield "no_template"
        return
    if not facts.is_approved:
        yield "template_not_approved"
    elif facts.channel not in facts.channels:
        yield "no_body_for_channel"
    if facts.channel not in SENDABLE_CHANNELS:
        yield "channel_not_sendable"
    if not facts.step.useful_for:
        yield "no_useful_until"
    if kind == "flow":
        yield from _flow_problems(facts)


def _flow_problems(facts: StepFacts) -> Iterator[str]:
    """A flow runs at once, at any hour: nothing promotional rides along."""
    if facts.is_promotional:
        yield "flow_is_promotional"
    if facts.lane != "urgent":
        yield "flow_not_urgent"


def _order_problems(steps: Sequence[StepFacts]) -> Iterator[Problem]:
    planned = planner.offsets([facts.step for facts in steps])
    for position in range(1, len(planned)):
        if planned[position] < planned[position - 1]:
            yield Problem("wait_goes_back", position + 1)


def map_slots(
    old: Sequence[planner.Step], new: Sequence[planner.Step]
) -> dict[int, int | None]:
    """Return for each slot of the old version where its waiting people go.

    To the same slot; where that is gone, to the next old slot that still exists;
    else nowhere (None): they have had everything the new version would send.
    """
    kept = {step.slot for step in new}
    target: dict[int, int | None] = {}
    following = None
    for step in reversed(old):
        following = step.slot if step.slot in kept else following
        target[step.slot] = following
    return target


def count_plan(
    direction: str, waiting: dict[int, int], moves: dict[int, int | None]
) -> dict[str, int]:
    """Return how many stay, move and leave under ``direction``."""
    total = sum(waiting.values())
    if direction == "keep":
        return {"keep": total, "move": 0, "exit": 0}
    if direction == "exit":
        return {"keep": 0, "move": 0, "exit": total}
    lost = sum(count for slot, count in waiting.items() if moves.get(slot) is None)
    return {"keep": 0, "move": total - lost, "exit": lost}
