"""How often one of Meta's numbers may write to one person."""

import time
from dataclasses import dataclass, field

from .graph_errors import GraphRefusal


@dataclass
class Pairs:
    """How fast one person may be written to: one in six seconds, after a burst."""

    burst: float = 45
    every: float = 6.0
    _seen: dict = field(default_factory=dict)

    def take(self, person):
        """Use up one message, or refuse."""
        now = time.monotonic()
        left, at = self._seen.get(person, (self.burst, now))
        left = min(left + (now - at) / self.every, self.burst)
        if left < 1:
            self._seen[person] = (left, now)
            raise GraphRefusal(131056, "Too many messages to this person")
        self._seen[person] = (left - 1, now)

    def forget(self):
        """Let everybody take a whole burst again."""
        self._seen.clear()
