"""How many rows about persons somebody may take out in a day."""

from collections.abc import Iterable
from dataclasses import dataclass

# So many at once are no reading any more.
AT_ONCE = 500
# Fewer are not counted: opening a record, a page of a list.
WORTH_COUNTING = 20
# Of groups that say nothing.
DEFAULT_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Budget:
    """What a person may take out today, and what is gone of it."""

    allowed: int
    used: int

    @property
    def left(self) -> int:
        """Rows that may still be taken."""
        return max(self.allowed - self.used, 0)

    def covers(self, rows: int) -> bool:
        """Whether so many more may leave."""
        return rows <= self.left


def allowed_rows(of_groups: Iterable[int], granted: Iterable[int] = ()) -> int:
    """Return the rows of the most generous group, and what an officer granted."""
    said = [rows for rows in of_groups if rows > 0]
    return (max(said) if said else DEFAULT_ROWS) + sum(granted)


def is_export(rows: int, *, over_pace: bool = False) -> bool:
    """Return whether reading so many rows counts as taking them out.

    ``over_pace``: the reader is above what anybody reads in an hour of work.
    """
    return rows > AT_ONCE or (over_pace and rows >= WORTH_COUNTING)
