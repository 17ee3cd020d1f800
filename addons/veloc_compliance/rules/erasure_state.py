"""The road of an erasure, one way: block, pseudonymise, destroy the key."""

REQUESTED = "requested"
BLOCKED = "blocked"
PSEUDONYMISED = "pseudonymised"
DESTROYED = "destroyed"

ORDER = (REQUESTED, BLOCKED, PSEUDONYMISED, DESTROYED)
# What a person may still be told of: nothing comes back after this.
POINT_OF_NO_RETURN = PSEUDONYMISED


def next_state(state: str, is_held: bool) -> str | None:
    """Return where an erasure goes from here, None where it has to stay.

    A hold stops the destruction alone: the person is out of use and without a name
    long before, and what must be kept lies sealed.
    """
    if state == DESTROYED or (state == PSEUDONYMISED and is_held):
        return None
    return ORDER[ORDER.index(state) + 1]


def can_move(source: str, target: str) -> bool:
    """Whether a row may go from one state to the other: one step, forward."""
    return ORDER.index(target) == ORDER.index(source) + 1
