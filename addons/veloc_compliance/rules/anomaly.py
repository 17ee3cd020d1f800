"""Does this member of staff read more personal data than ever, or at a strange hour?

Everybody is compared with the own past: the largest sums of records read within 5, 15,
30, 60 and 120 minutes in the last 30 days, with a margin, and the hours at which there
was any work. A sum that is usual in the house is no alarm either: the same list falls
to somebody else one day. Newcomers, who have no past, are compared with the house. What
it finds of a theft, and how soon, is measured by ``python -m tools.simulate``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

BUCKET_MINUTES = 5
LEARNING_DAYS = 30
# With fewer days of work in them the own past says little.
ENOUGH_DAYS = 5
# Buckets → how far above the own maximum is too far. A longer sum varies less.
MARGINS: dict[int, float] = {1: 1.7, 3: 1.6, 6: 1.5, 12: 1.4, 24: 1.25}
# How far above the middle of the house, whose members' maxima differ more.
HOUSE_MARGIN = 1.35
LONGEST = max(MARGINS)
# So few records are nobody's harvest, whatever the past says.
FEWEST_READ = 30
FEWEST_AT_NIGHT = 5


@dataclass(frozen=True, slots=True)
class Profile:
    """What is usual: the largest sum per window, the hours of work, the days learnt."""

    maxima: Mapping[int, int]
    hours: frozenset[int]
    days: int


@dataclass(frozen=True, slots=True)
class Anomaly:
    """What is unusual: ``volume`` or ``hour``, with what was seen and what is usual."""

    kind: str
    seen: int
    usual: int
    minutes: int


def largest_sums(counts: Mapping[int, int]) -> dict[int, int]:
    """Return {window in buckets: the largest sum of counts within one window}."""
    return {
        width: max((_sum(counts, last, width) for last in counts), default=0)
        for width in MARGINS
    }


def of_house(profiles: Iterable[Profile]) -> Profile | None:
    """Return the middle of what is usual in a house, or None where nobody is known."""
    known = [profile for profile in profiles if profile.days >= ENOUGH_DAYS]
    if not known:
        return None
    maxima = {
        width: int(median(profile.maxima.get(width, 0) for profile in known))
        for width in MARGINS
    }
    hours = frozenset().union(*(profile.hours for profile in known))
    return Profile(maxima, hours, ENOUGH_DAYS)


def merged(profiles: Iterable[Profile]) -> Profile:
    """Return the profile of several days (or parts of one person's past) together."""
    profiles = list(profiles)
    maxima = {
        width: max((p.maxima.get(width, 0) for p in profiles), default=0)
        for width in MARGINS
    }
    hours = frozenset().union(*(profile.hours for profile in profiles))
    return Profile(maxima, hours, sum(profile.days for profile in profiles))


def judge(
    own: Profile, house: Profile | None, counts: Mapping[int, int], now: int, hour: int
) -> list[Anomaly]:
    """Return what is unusual about the bucket ``now`` and those before it.

    ``counts`` are the records read per bucket, ``hour`` is the local one. Without any
    past, one's own or the house's, nothing is concluded.
    """
    if own.days < ENOUGH_DAYS:
        if house is None:
            return []
        own = house
    found = [_volume(own, house, counts, now), _hour(own, counts, now, hour)]
    return [anomaly for anomaly in found if anomaly]


def _volume(
    own: Profile, house: Profile | None, counts: Mapping[int, int], now: int
) -> Anomaly | None:
    total = 0
    for back in range(LONGEST):
        total += counts.get(now - back, 0)
        width = back + 1
        if width not in MARGINS or total < FEWEST_READ:
            continue
        if total > _limit(own, house, width):
            most = own.maxima.get(width, 0)
            return Anomaly("volume", total, most, width * BUCKET_MINUTES)
    return None


def _limit(own: Profile, house: Profile | None, width: int) -> float:
    """Return the largest sum of a window that is no alarm yet."""
    of_house = house.maxima.get(width, 0) if house else 0
    return max(MARGINS[width] * own.maxima.get(width, 0), HOUSE_MARGIN * of_house)


def _hour(
    usual: Profile, counts: Mapping[int, int], now: int, hour: int
) -> Anomaly | None:
    if usual.hours & {(hour - 1) % 24, hour, (hour + 1) % 24}:
        return None
    seen = _sum(counts, now, 3)
    return Anomaly("hour", seen, 0, 15) if seen >= FEWEST_AT_NIGHT else None


def _sum(counts: Mapping[int, int], last: int, width: int) -> int:
    return sum(counts.get(last - back, 0) for back in range(width))
