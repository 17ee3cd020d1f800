"""Which rung of a ladder a trader stands on: up at once, down late and with warning.

The same rule serves the tiers and the VIP levels. A rung is entered at its
thresholds and kept down to a share of them, so nobody flips from day to day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

ANY, ALL = "any", "all"
UP, DOWN = "up", "down"
NEWS, CORRECTION, NIGHT = "news", "correction", "night"

# What a rung may ask for. Net deposits fall with each withdrawal, so they are looked
# at once a day: within a day the order of news would decide.
METRICS = (
    "deposit_total",
    "deposit_total_90d",
    "volume_30d",
    "volume_90d",
    "trades_30d",
    "net_deposit",
    "points",
)
DAILY = frozenset({"net_deposit"})


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder; ``criteria`` holds the thresholds that count."""

    id: int
    criteria: Mapping[str, Decimal] = field(default_factory=dict)
    match: str = ANY
    stay_percent: int = 80
    min_days: int = 30
    grace_days: int = 7
    company_id: int | None = None  # None: for all

    @property
    def is_open(self) -> bool:
        """A rung without thresholds takes everybody."""
        return not self.criteria

    def is_entered_with(self, figures: Mapping[str, Decimal]) -> bool:
        """Tell whether these numbers reach the rung."""
        return self._is_met(figures, 100)

    def is_kept_with(self, figures: Mapping[str, Decimal]) -> bool:
        """Tell whether these numbers are enough to stay."""
        return self._is_met(figures, self.stay_percent)

    def _is_met(self, figures, percent):
        if self.is_open:
            return True
        decide = all if self.match == ALL else any
        return decide(
            figures[name] * 100 >= limit * percent
            for name, limit in self.criteria.items()
        )


class Place(NamedTuple):
    """Where somebody stands, since when, and from when on they may fall."""

    rung_id: int | None = None
    since: datetime | None = None
    review_on: date | None = None


class Move(NamedTuple):
    """One line of the history; ``reason`` is a code, ``seen`` what was compared."""

    from_id: int | None
    to_id: int | None
    direction: str
    reason: str
    seen: Mapping[str, tuple[Decimal, Decimal]]


def settle(
    place: Place,
    figures: Mapping[str, Decimal],
    ladder: Sequence[Rung],
    now: datetime,
    occasion: str = NIGHT,
) -> tuple[Place, Move | None]:
    """Return where the trader stands now and the move, if there was one.

    ``ladder`` runs from low to high. News only lift; the night also warns and lets
    fall. After a correction the old numbers were never true: whoever does not reach
    the rung any more leaves it at once.
    """
    here = next((i for i, rung in enumerate(ladder) if rung.id == place.rung_id), -1)
    top = _highest(
        ladder,
        lambda rung: (
            rung.is_entered_with(figures)
            and (occasion == NIGHT or DAILY.isdisjoint(rung.criteria))
        ),
    )
    is_lost = here < 0 and place.rung_id is not None  # the rung is gone
    if top > here or (is_lost and occasion == NIGHT):
        reason = "ladder" if is_lost else "reached"
        return _move(place, figures, ladder, here, top, now, reason)
    if here < 0 or occasion == NEWS:
        return place, None
    if ladder[here].is_kept_with(figures):
        return place._replace(review_on=None), None
    return _fall(place, figures, ladder, here, now, occasion)


def climb(
    place: Place,
    figures: Mapping[str, Decimal],
    gains: Iterable[tuple[datetime, Mapping[str, Decimal]]],
    ladder: Sequence[Rung],
    now: datetime,
) -> list[tuple[Place, Move]]:
    """Return the moves up, each at the time of the event that reached the rung.

    ``gains`` holds what each event added, in the order of time: however the news were
    cut into batches, the history is the same. What no event explains (an edited
    threshold, an archived month) happened now.
    """
    gains = list(gains)
    running = dict(figures)
    for _at, gain in gains:
        for name, value in gain.items():
            running[name] -= value
    moves = []
    for at, gain in [(now, {}), *gains, (now, {})]:
        for name, value in gain.items():
            running[name] += value
        since = max(at, place.since) if place.since else at
        place, move = settle(place, running, ladder, since, NEWS)
        if move and move.from_id is None and not move.seen:
            place = place._replace(since=None)  # there from the beginning
        if move:
            moves.append((place, move))
    return moves


def _fall(place, figures, ladder, here, now, occasion):
    """Warn first, then let fall to the highest rung that would be kept."""
    target = _highest(ladder[:here], lambda rung: rung.is_kept_with(figures))
    if occasion == CORRECTION:
        return _move(place, figures, ladder, here, target, now, "corrected")
    if place.review_on is None:
        return place._replace(review_on=_review_on(place, ladder[here], now)), None
    if now.date() < place.review_on:
        return place, None
    return _move(place, figures, ladder, here, target, now, "below")


def _highest(ladder, takes):
    return next((i for i in range(len(ladder) - 1, -1, -1) if takes(ladder[i])), -1)


def _review_on(place, rung, now):
    """Nobody falls without warning, nor soon after having come."""
    grace = now.date() + timedelta(days=rung.grace_days)
    if place.since is None:
        return grace
    return max(grace, place.since.date() + timedelta(days=rung.min_days))


def _move(place, figures, ladder, here, target, now, reason):
    direction = UP if target > here else DOWN
    index = target if direction == UP else here
    criteria = ladder[index].criteria if index >= 0 else {}
    seen = {name: (figures[name], limit) for name, limit in criteria.items()}
    rung_id = ladder[target].id if target >= 0 else None
    move = Move(place.rung_id, rung_id, direction, reason, seen)
    return Place(rung_id, now, None), move
