"""What happens next to one person in one cadence: send, skip, wait, leave or end.

Two questions, both pure. ``plan`` looks at a run before anybody is asked whether
the message may leave; ``settle`` looks at the answer and says where the run goes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

# Verbs of a plan.
SEND, SKIP, WAIT, EXPIRE, EXIT, FINISH = [
    "send",
    "skip",
    "wait",
    "expire",
    "exit",
    "finish",
]

# Verdicts, as they stand in the decision rows.
SENT, DEFERRED, REFUSED, SKIPPED, EXPIRED, EXITED, FINISHED, DUPLICATE = [
    "sent",
    "deferred",
    "refused",
    "skipped",
    "expired",
    "exited",
    "finished",
    "duplicate",
]
VERDICTS = (SENT, DEFERRED, REFUSED, SKIPPED, EXPIRED, EXITED, FINISHED, DUPLICATE)

# States of a run.
ACTIVE, DONE, LEFT = "active", "done", "exited"

UNITS = {
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "days": timedelta(days=1),
}

# Refusals after which going on would only ask the same hurtful question again.
ENDING_REFUSALS = frozenset(
    {"deceased", "self_exclusion", "cooling_off", "loss_limit", "minor", "archived"}
)

# Refusals that say nothing about the person: something of ours is not set up yet.
HOUSE_TROUBLES = frozenset({"no_account"})
TROUBLE_PAUSE = timedelta(minutes=30)
# A step that is put off never comes back in the same breath.
SHORTEST_PAUSE = timedelta(minutes=1)


@dataclass(frozen=True)
class Step:
    """One step of a published version; ``slot`` names it across versions."""

    id: int
    slot: int
    wait: timedelta = timedelta()
    wait_from: str = "entry"  # or "previous"
    condition: str = "always"
    useful_for: timedelta | None = None


@dataclass(frozen=True)
class Run:
    """One person's way through a version, as the database holds it."""

    entered_at: datetime
    slot: int | None  # of the step that waits; None when nothing is left
    previous_at: datetime | None = None  # when the step before was settled
    held_until: datetime | None = None  # the last attempt was put off until then


@dataclass(frozen=True)
class Facts:
    """What a plan may know about the trader."""

    stage: str = "signup"
    kyc_state: str = "none"
    deposit_count: int = 0
    last_login_at: datetime | None = None


@dataclass(frozen=True)
class Plan:
    """What to do now, and why."""

    verb: str
    step: Step | None = None
    reason: str = ""
    until: datetime | None = None
    saw: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """How the attempt ended: queued, duplicate, deferred, refused, skipped, expired."""

    kind: str
    reason: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class Advance:
    """Where the run stands after a decision."""

    verdict: str
    state: str
    reason: str = ""
    slot: int | None = None
    next_due: datetime | None = None
    previous_at: datetime | None = None
    held_until: datetime | None = None


# === CONDITIONS === #


def _has_logged_in(run: Run, facts: Facts) -> bool:
    return facts.last_login_at is not None and facts.last_login_at > run.entered_at


# code -> (the facts it looks at, the test)
CONDITIONS: dict[str, tuple[tuple[str, ...], Callable[[Run, Facts], bool]]] = {
    "always": ((), lambda run, facts: True),
    "no_deposit_yet": (("deposit_count",), lambda run, facts: not facts.deposit_count),
    "has_deposited": (
        ("deposit_count",),
        lambda run, facts: facts.deposit_count > 0,
    ),
    "kyc_not_approved": (
        ("kyc_state",),
        lambda run, facts: facts.kyc_state != "approved",
    ),
    "kyc_approved": (
        ("kyc_state",),
        lambda run, facts: facts.kyc_state == "approved",
    ),
    "has_not_logged_in": (
        ("last_login_at",),
        lambda run, facts: not _has_logged_in(run, facts),
    ),
    "has_logged_in": (("last_login_at",), _has_logged_in),
}
LOGIN_CONDITIONS = frozenset({"has_not_logged_in", "has_logged_in"})


def check_condition(code: str, run: Run, facts: Facts) -> tuple[bool, dict]:
    """Return whether the condition holds, and the facts it looked at (JSON-safe)."""
    names, holds = CONDITIONS[code]
    saw = {name: getattr(facts, name) for name in names}
    for name, value in saw.items():
        if isinstance(value, datetime):
            saw[name] = value.isoformat()
    return holds(run, facts), saw


# === TIME === #


def due_at(step: Step, run: Run) -> datetime:
    """Return when the step is due, by the clock of its run."""
    start = run.entered_at
    if step.wait_from == "previous" and run.previous_at:
        start = run.previous_at
    return start + step.wait


def useful_until(step: Step, run: Run) -> datetime | None:
    """Return the moment after which the step's message is no longer worth sending."""
    return due_at(step, run) + step.useful_for if step.useful_for else None


def offsets(steps: Sequence[Step]) -> list[timedelta]:
    """Return each step's planned distance from the entry."""
    planned: list[timedelta] = []
    for step in steps:
        before = planned[-1] if planned and step.wait_from == "previous" else None
        planned.append((before or timedelta()) + step.wait)
    return planned


def useful_window(steps: Sequence[Step]) -> timedelta | None:
    """Return how long after its event an entry still makes sense; None for ever."""
    if any(not step.useful_for for step in steps):
        return None
    ends = zip(offsets(steps), steps, strict=True)
    return max((offset + step.useful_for for offset, step in ends), default=timedelta())


def is_too_old(steps: Sequence[Step], event_at: datetime, now: datetime) -> bool:
    """Return whether every step would be late already: imported history, a replay."""
    window = useful_window(steps)
    return window is not None and event_at + window <= now


# === PLAN === #


def plan(
    run: Run,
    steps: Sequence[Step],
    facts: Facts,
    now: datetime,
    exit_stages: frozenset[str] = frozenset(),
) -> Plan:
    """Return what to do with the run now; asks nobody and changes nothing."""
    if facts.stage in exit_stages:
        return Plan(EXIT, reason="stage", saw={"stage": facts.stage})
    step = next((step for step in steps if step.slot == run.slot), None)
    if step is None:
        return Plan(FINISH, reason="no_step_left")
    due = max(due_at(step, run), run.held_until or due_at(step, run))
    if now < due:
        return Plan(WAIT, step, reason="not_due", until=due)
    end = useful_until(step, run)
    if end and end <= now:
        return Plan(EXPIRE, step, "too_late", saw={"useful_until": end.isoformat()})
    holds, saw = check_condition(step.condition, run, facts)
    if not holds:
        return Plan(SKIP, step, reason=step.condition, saw=saw)
    return Plan(SEND, step, saw=saw)


def settle(
    run: Run, steps: Sequence[Step], step: Step, outcome: Outcome, now: datetime
) -> Advance:
    """Return where the run goes after the attempt at ``step`` ended so."""
    if outcome.kind == REFUSED and outcome.reason in HOUSE_TROUBLES:
        outcome = Outcome(DEFERRED, outcome.reason, now + TROUBLE_PAUSE)
    if outcome.kind == DEFERRED:
        return _settle_deferred(run, steps, step, outcome, now)
    verdict = {"queued": SENT}.get(outcome.kind, outcome.kind)
    if verdict == REFUSED and outcome.reason in ENDING_REFUSALS:
        return Advance(verdict, LEFT, outcome.reason, previous_at=now)
    return _go_on(run, steps, step, verdict, outcome.reason, now)


def _settle_deferred(run, steps, step, outcome, now) -> Advance:
    """Wait for the allowed hour, unless the message will be stale by then."""
    end = useful_until(step, run)
    until = max(outcome.until or now, now + SHORTEST_PAUSE)
    if end and end <= until:
        return _go_on(run, steps, step, EXPIRED, "held_too_long", now)
    return Advance(
        DEFERRED,
        ACTIVE,
        outcome.reason,
        slot=step.slot,
        next_due=until,
        previous_at=run.previous_at,
        held_until=until,
    )


def _go_on(run, steps, step, verdict, reason, now) -> Advance:
    following = next_step(steps, step.slot)
    if following is None:
        return Advance(verdict, DONE, reason, previous_at=now)
    return Advance(
        verdict,
        ACTIVE,
        reason,
        slot=following.slot,
        next_due=due_at(following, replace(run, previous_at=now)),
        previous_at=now,
    )


def next_step(steps: Sequence[Step], slot: int) -> Step | None:
    """Return the step after ``slot``, or None after the last."""
    slots = [step.slot for step in steps]
    position = slots.index(slot) + 1
    return steps[position] if position < len(steps) else None


# === KEYS === #


def message_key(enrolment_id: int, slot: int, occurrence: str) -> str:
    """Return the key that makes a step's message unique for ever.

    By slot, not by step id: a run moved to a new version keeps what it has had.
    """
    return f"cad:{enrolment_id}:{slot}:{occurrence}"


def occurrence_of(reentry: str, event_type: str, event_id: int) -> str:
    """Return what tells this entry from the person's others into the cadence."""
    return "once" if reentry == "once" else f"{event_type}:{event_id}"
