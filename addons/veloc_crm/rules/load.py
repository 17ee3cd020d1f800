"""Who looks after whom: the next one goes to whoever has the fewest."""

from collections.abc import Iterable, Mapping, Sequence
from heapq import heapify, heapreplace


def assign(
    waiting: Iterable[int],
    people: Sequence[int],
    loads: Mapping[int, int],
    most: int = 0,
) -> list[tuple[int, int]]:
    """Return ``(who waits, who takes them)``; ``most`` 0 means no limit.

    Whoever finds nobody with room is left out and waits on.
    """
    queue = [(loads.get(person, 0), person) for person in people]
    heapify(queue)
    pairs = []
    for one in waiting:
        if not queue or (most and queue[0][0] >= most):
            break
        load, person = queue[0]
        heapreplace(queue, (load + 1, person))
        pairs.append((one, person))
    return pairs
