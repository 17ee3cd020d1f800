"""Tables beside the trader's own rows: read once for all conditions that need them.

Each becomes one grouped row per trader of ``scope``, so that it costs what those
traders have there, however many conditions ask.
"""

from dataclasses import dataclass, field

from .segment_fields import FREQUENT
from .sql_text import Piece, join, sql

# What was reversed does not count, what was corrected counts as it is now.
CHANGES = " LEFT JOIN veloc_trader_event_change x ON x.target_id = e.id"
FROM = {
    # Beside these, all other types are few: they have an index of their own.
    "rare": (
        "veloc_trader_event_raw e ON e.trader_id = scope.id"
        " AND e.type NOT IN ('trade', 'login')" + CHANGES
    ),
    "often": "veloc_trader_event_raw e ON e.trader_id = scope.id" + CHANGES,
    "days": "veloc_trader_day d ON d.trader_id = scope.id",
    "consents": "veloc_consent_state c ON c.partner_id = scope.partner_id",
    "blocks": "veloc_suppression b ON b.partner_id = scope.partner_id",
}


@dataclass(slots=True)
class Rows:
    """One grouped source; ``bounds`` are what its rows must fulfil, any of them."""

    origin: Piece
    columns: dict = field(default_factory=dict)
    bounds: dict = field(default_factory=dict)


class Sources:
    """Collects what the conditions need beside the trader, the figures, the contact."""

    def __init__(self, clock):
        self.clock = clock
        self.tables = set()
        self._rows = {}

    def reach(self, column):
        """Note that the table of ``t.x``, ``s.x`` or ``p.x`` is read; return it."""
        self.tables.add(column[0])
        return Piece(column)

    def new_name(self, prefix):
        """Return a name for a source that nobody shares."""
        return f"{prefix}{len(self._rows)}"

    def add(self, name, aggregate, bound=None, origin=None):
        """Return the column that holds ``aggregate`` of the source's rows."""
        if name not in self._rows:
            self._rows[name] = Rows(origin or Piece(FROM[name]))
        rows = self._rows[name]
        number, _aggregate = rows.columns.setdefault(
            repr(aggregate), (len(rows.columns), aggregate)
        )
        if bound is None:
            rows.bounds = None
        elif rows.bounds is not None:
            rows.bounds[repr(bound)] = bound
        return Piece(f"{name}.c{number}")

    def add_event(self, type_, aggregate, since, match=None):
        """Return an aggregate of the events of a type since a moment (None: ever)."""
        test = sql("e.type = %s AND x.is_reversed IS NOT TRUE", type_)
        if since:
            test = sql("%s AND e.at %s %s", test, *since)
        bound = test
        if match:
            test = sql("%s AND %s", test, match)
        name = "often" if type_ in FREQUENT else "rare"
        column = sql("%s FILTER (WHERE %s)", aggregate, test)
        return self.add(name, column, sql("(%s)", bound))

    def ctes(self):
        """Return the sources as further parts of a WITH that begins with ``scope``."""
        return join("", [self._cte(name, rows) for name, rows in self._rows.items()])

    def _cte(self, name, rows):
        columns = [
            sql("%s AS %s", aggregate, Piece(f"c{number}"))
            for number, aggregate in rows.columns.values()
        ]
        bound = join(" OR ", rows.bounds.values()) if rows.bounds else Piece("true")
        return sql(
            ", %s AS (SELECT scope.id, %s FROM scope JOIN %s WHERE %s GROUP BY 1)",
            Piece(name),
            join(", ", columns),
            rows.origin,
            bound,
        )

    def joins(self):
        """Return the joins of the sources to ``s``."""
        return Piece(
            "".join(f" LEFT JOIN {name} ON {name}.id = s.id" for name in self._rows)
        )

    def needed(self):
        """Return the tables beside the figures that must be joined."""
        return self.tables | {"t"} if "p" in self.tables else self.tables

    def is_empty(self):
        """Say whether only the trader's own rows are read."""
        return not self._rows
