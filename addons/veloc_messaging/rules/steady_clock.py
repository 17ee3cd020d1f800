"""Whether the wall clock can be trusted to say how much time went by."""

from __future__ import annotations

# A clock that is being adjusted drifts by less between two looks.
TOLERANCE = 5.0


class SteadyClock:
    """Compares wall time with the machine's own time, which nobody can set.

    Both are seconds; only their difference matters, and since when it has not changed.
    """

    def __init__(self, wall: float, own: float) -> None:
        self._gap = wall - own
        self._since = own

    def steady_for(self, wall: float, own: float) -> float:
        """Return for how many seconds wall time has gone on without a jump.

        A jump counts from the moment it is noticed: later than it happened, never
        earlier.
        """
        gap = wall - own
        if abs(gap - self._gap) > TOLERANCE:
            self._since = own
        self._gap = gap
        return own - self._since
