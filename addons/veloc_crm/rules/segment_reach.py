"""How many of a segment can be reached, from all of them or from a random sample."""

from dataclasses import dataclass
from math import sqrt

EXACT_UP_TO = 10_000
SAMPLE = 2_000
Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class Estimate:
    """A count of people with its interval; for a full count all three are one."""

    count: int
    low: int
    high: int


def estimate(hits, asked, people):
    """Return how many of ``people`` are reached when ``hits`` of ``asked`` were.

    Wilson's interval, narrowed by how much of the whole the sample is.
    """
    if not asked:
        return Estimate(0, 0, people)
    if asked >= people:
        return Estimate(hits, hits, hits)
    share = hits / asked
    # Drawing without replacement: the larger the part seen, the less is unknown.
    z = Z95 * sqrt((people - asked) / (people - 1))
    middle = (share + z * z / (2 * asked)) / (1 + z * z / asked)
    half = (
        z
        / (1 + z * z / asked)
        * sqrt(share * (1 - share) / asked + z * z / (4 * asked * asked))
    )
    unseen = asked - hits
    return Estimate(
        round(share * people),
        max(hits, round((middle - half) * people)),
        min(people - unseen, round((middle + half) * people)),
    )
