"""Where a trader stands on the way from lead to loyal client, and since when.

The standing is a function of what happened, not of the order in which we heard of
it: late news never throws anybody back, and a gap in the past is aged as it was.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

STAGES = (
    "lead",
    "signup",
    "kyc",
    "first_deposit",
    "active",
    "at_risk",
    "churned",
    "won_back",
)
RANK = {stage: rank for rank, stage in enumerate(STAGES)}

# Events that mark the first arrival at a stage; each counts once per trader.
MILESTONES = {
    "lead": "lead",
    "signup_started": "lead",
    "signup": "signup",
    "kyc_approved": "kyc",
    "deposit_approved": "first_deposit",
}
MILESTONE_STAGES = frozenset(MILESTONES.values())

# Money moved by the trader's own will. A login alone proves nobody is back.
ACTIVITY = frozenset({"deposit_approved", "trade"})

AGEING = frozenset({"first_deposit", "active", "won_back"})
INACTIVITY = "inactivity"
REVERSAL = "reversal"
FIRST_DEPOSIT = "first_deposit"


@dataclass(frozen=True, slots=True)
class Policy:
    """After how long without activity a client is at risk, and lost."""

    at_risk_after: timedelta = timedelta(days=30)
    churned_after: timedelta = timedelta(days=90)

    def __post_init__(self):
        if not timedelta(0) < self.at_risk_after < self.churned_after:
            raise ValueError("at_risk_after must be positive and before churned_after")


DEFAULT_POLICY = Policy()


@dataclass(frozen=True, slots=True)
class Standing:
    """A trader's stage; ``reached`` holds the first time of each milestone stage."""

    stage: str | None = None
    since: datetime | None = None
    last_activity_at: datetime | None = None
    reached: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the funnel: a stage was reached at a time, because of something.

    ``from_stage`` is None when late news completes the past without moving anybody.
    """

    stage: str
    at: datetime
    from_stage: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Happening:
    """What the stage machine needs to know of an event."""

    at: datetime
    type: str


def next_stage_at(standing: Standing, policy: Policy = DEFAULT_POLICY):
    """Return when silence alone will move the trader on, or None if it never will."""
    if standing.last_activity_at is None:
        return None
    if standing.stage in AGEING:
        return standing.last_activity_at + policy.at_risk_after
    if standing.stage == "at_risk":
        return standing.last_activity_at + policy.churned_after
    return None


def age(standing: Standing, until: datetime, policy: Policy = DEFAULT_POLICY):
    """Return the standing at ``until`` if nothing more happens, and the changes."""
    changes = []
    while (due := next_stage_at(standing, policy)) is not None and due <= until:
        target = "churned" if standing.stage == "at_risk" else "at_risk"
        changes.append(Change(target, due, standing.stage, INACTIVITY))
        standing = replace(standing, stage=target, since=due)
    return standing, changes


def advance(
    standing: Standing,
    happenings: Iterable[Happening],
    now: datetime,
    policy: Policy = DEFAULT_POLICY,
):
    """Return the standing after ``happenings`` as of ``now``, and all changes."""
    changes = []
    for happening in sorted(happenings, key=lambda item: item.at):
        standing, aged = age(standing, happening.at, policy)
        standing, moved = _apply(standing, happening)
        changes += [*aged, *moved]
    standing, aged = age(standing, now, policy)
    return standing, changes + aged


def stand_anew(
    known: Standing,
    happenings: Iterable[Happening],
    reversed_at: Iterable[datetime],
    now: datetime,
    policy: Policy = DEFAULT_POLICY,
):
    """Return the standing that follows from ``happenings`` alone, and its changes.

    Milestones hold as they were: the log of their months may have left for the
    archive. A first deposit holds only if it is older than the log and not reversed.
    """
    happenings = list(happenings)
    since = min((item.at for item in happenings), default=now)
    kept = dict(known.reached)
    deposit = kept.get(FIRST_DEPOSIT)
    if deposit and (deposit >= since or deposit in set(reversed_at)):
        del kept[FIRST_DEPOSIT]
    start = Standing()
    if kept:
        stage = max(kept, key=RANK.get)
        start = Standing(stage, kept[stage], kept.get(FIRST_DEPOSIT), kept)
    return advance(start, happenings, now, policy)


def _apply(standing, happening):
    """Apply one event: its milestone, then the activity it stands for."""
    standing, changes, was_new = _reach(standing, happening)
    if happening.type not in ACTIVITY:
        return standing, changes
    previous = standing.last_activity_at
    if previous is None or happening.at > previous:
        standing = replace(standing, last_activity_at=happening.at)
    target = None if was_new else _revive(standing, happening, previous)
    if target is None:
        return standing, changes
    at = happening.at
    if standing.stage == "first_deposit":
        at = max(at, standing.since)  # a second deposit may be the older one
    change = Change(target, at, standing.stage, happening.type)
    return replace(standing, stage=target, since=at), [*changes, change]


def _reach(standing, happening):
    """Note a milestone; the third value tells that the stage itself moved to it."""
    stage = MILESTONES.get(happening.type)
    if stage is None:
        return standing, [], False
    known = standing.reached.get(stage)
    if known is not None and known <= happening.at:
        return standing, [], False
    reached = {**standing.reached, stage: happening.at}
    standing = replace(standing, reached=reached)
    moves = standing.stage is None or RANK[stage] > RANK[standing.stage]
    before = standing.stage if moves else None
    change = Change(stage, happening.at, before, happening.type)
    if moves:
        standing = replace(standing, stage=stage, since=happening.at)
    return standing, [change], moves


def _revive(standing, happening, previous):
    """Return the stage that this activity lifts the trader to, or None."""
    if standing.stage == "first_deposit":
        return "active"
    if standing.stage not in ("at_risk", "churned"):
        return None
    if previous is not None and happening.at <= previous:
        return None  # older than what we aged from: it changes nothing
    if standing.stage == "churned" and happening.at >= standing.since:
        return "won_back"
    return "active"
