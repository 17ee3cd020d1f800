"""In which order rows go when some refer to others: who refers goes first."""

from collections.abc import Mapping


def referrers_first(references: Mapping[str, set[str]]) -> list[str]:
    """Return the names so that each comes before whatever it refers to.

    References to what is not in the mapping, and to oneself, do not count; a ring is
    entered at the name that sorts first.
    """
    waiting = {
        name: {other for other in others if other in references and other != name}
        for name, others in references.items()
    }
    ordered = []
    while waiting:
        referred = set().union(*waiting.values())
        free = sorted(waiting.keys() - referred) or sorted(waiting)[:1]
        for name in free:
            ordered.append(name)
            del waiting[name]
    return ordered
