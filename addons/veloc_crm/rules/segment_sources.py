"""Tables beside the trader's own rows: read once for all conditions that need them.

Each becomes one grouped row per trader of ``scope``, so that it costs what those
traders have there, however many conditions ask.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

from .event_schema import AMENDING
from .segment_fields import FREQUENT
from .sql_text import Piece, join, sql

# What was reversed does not count, what was corrected counts as it is now.
CHANGES = Piece(" LEFT JOIN veloc_trader_event_change x ON x.target_id = e.id")
TRADER, CONTACT = Piece("id"), Piece("partner_id")
ALL, NOTHING = Piece("true"), Piece("")


@dataclass(frozen=True, slots=True)
class Origin:
    """A table with rows of traders (``id``) or of contacts (``partner_id``).

    ``test`` chooses among its rows, ``more`` follows the table's join. Where rows are
    events or days with events, ``at`` says when.
    """

    table: Piece
    key: Piece
    whose: Piece
    test: Piece = ALL
    more: Piece = NOTHING
    at: Piece | None = None


EVENTS = Origin(
    Piece("veloc_trader_event_raw e"),
    Piece("e.trader_id"),
    TRADER,
    test=Piece("x.is_reversed IS NOT TRUE"),
    more=CHANGES,
    at=Piece("e.at"),
)
ORIGINS = {
    # Beside these, all other types are few: they have an index of their own.
    "rare": replace(
        EVENTS, test=sql("e.type NOT IN ('trade', 'login') AND %s", EVENTS.test)
    ),
    "often": EVENTS,
    "days": Origin(
        Piece("veloc_trader_day_raw d"),
        Piece("d.trader_id"),
        TRADER,
        at=Piece("d.day"),
    ),
    "consents": Origin(Piece("veloc_consent_state c"), Piece("c.partner_id"), CONTACT),
    "blocks": Origin(Piece("veloc_suppression b"), Piece("b.partner_id"), CONTACT),
}
# Sources without limit in time stand apart: they read all months.
ORIGINS |= {f"{name}_ever": ORIGINS[name] for name in ("rare", "often")}


@dataclass(slots=True)
class Rows:
    """One grouped source: rows of these ``types``, not older than any ``since``.

    ``bounds`` are what its rows must fulfil, any of them.
    """

    origin: Origin
    columns: dict = field(default_factory=dict)
    bounds: dict = field(default_factory=dict)
    types: set = field(default_factory=set)
    since: list = field(default_factory=list)

    def add(self, aggregate):
        """Return the number of the column that holds ``aggregate``."""
        number, _aggregate = self.columns.setdefault(
            repr(aggregate), (len(self.columns), aggregate)
        )
        return number

    def listed(self):
        """Return the columns as they are selected."""
        return join(
            ", ",
            [
                sql("%s AS %s", aggregate, Piece(f"c{number}"))
                for number, aggregate in self.columns.values()
            ],
        )

    def test(self):
        """Return the condition on the rows that are read."""
        tests = [self.origin.test]
        if self.bounds:
            tests.append(sql("(%s)", join(" OR ", self.bounds.values())))
        if self.types:
            tests.append(sql("e.type = ANY(%s)", sorted(self.types)))
        if self.since:
            tests.append(sql("%s >= %s", self.origin.at, min(self.since)))
        return join(" AND ", tests)

    def scoped_test(self):
        """Return the same for those in the scope.

        Who did nothing since is not looked up: most traders are silent.
        """
        if not self.since or self.types & AMENDING.keys():
            return self.test()
        first = min(self.since)
        if not isinstance(first, datetime):
            # Whatever the zone, the broker's day begins later than this.
            first = datetime.combine(first - timedelta(days=1), time())
        return sql("%s AND scope.last_event_at >= %s", self.test(), first)


class Sources:
    """Collects what the conditions need beside the trader, the figures, the contact."""

    def __init__(self, clock):
        self.clock = clock
        self.columns = {"t": set(), "s": set(), "p": set()}
        self._rows = {}

    def reach(self, column):
        """Note that a column of ``t``, ``s`` or ``p`` is read; return it."""
        table, _dot, name = column.partition(".")
        self.columns[table].add(name)
        return Piece(column)

    def new_name(self, prefix):
        """Return a name for a source that nobody shares."""
        return f"{prefix}{len(self._rows)}"

    def _get(self, name, origin=None):
        if name not in self._rows:
            self._rows[name] = Rows(origin or ORIGINS[name])
        return self._rows[name]

    def add(self, name, aggregate, bound=None, origin=None):
        """Return the column that holds ``aggregate`` of the source's rows."""
        rows = self._get(name, origin)
        if bound is None:
            rows.bounds = None
        elif rows.bounds is not None:
            rows.bounds[repr(bound)] = bound
        return Piece(f"{name}.c{rows.add(aggregate)}")

    def add_day(self, counted, aggregate, first):
        """Return an aggregate of the days since ``first`` where ``counted`` is > 0."""
        rows = self._get("days")
        rows.since.append(first)
        test = sql("%s > 0 AND d.day >= %s", counted, first)
        column = sql("%s FILTER (WHERE %s)", aggregate, test)
        return Piece(f"days.c{rows.add(column)}")

    def add_event(self, type_, aggregate, since, match=None):
        """Return an aggregate of the events of a type since a moment (None: ever)."""
        test = sql("e.type = %s", type_)
        if since:
            test = sql("%s AND e.at %s %s", test, *since)
        if match:
            test = sql("%s AND %s", test, match)
        name = event_source(type_, since)
        rows = self._get(name)
        rows.types.add(type_)
        if since:
            rows.since.append(since[1])
        column = sql("%s FILTER (WHERE %s)", aggregate, test)
        return Piece(f"{name}.c{rows.add(column)}")

    def ctes(self, is_everybody=False):
        """Return the sources as parts of a WITH; ``scope`` is one before them.

        Asked for everybody, those that know the trader do without it.
        """
        return [
            _whole(name, rows)
            if is_everybody and rows.origin.whose != CONTACT
            else _scoped(name, rows)
            for name, rows in self._rows.items()
        ]

    def joins(self):
        """Return the joins of the sources to ``s``."""
        return Piece(
            "".join(f" LEFT JOIN {name} ON {name}.id = s.id" for name in self._rows)
        )

    def needs_scope(self):
        """Say whether a source must be told of which traders it is asked."""
        return any(rows.origin.whose == CONTACT for rows in self._rows.values())

    def needed(self):
        """Return the tables beside the figures that must be joined."""
        tables = {name for name in "tp" if self.columns[name]}
        return tables | {"t"} if "p" in tables else tables


def event_source(type_, since):
    """Return the source that has the events of a type since then (None: ever)."""
    name = "often" if type_ in FREQUENT else "rare"
    return name if since else f"{name}_ever"


def _scoped(name, rows):
    origin = rows.origin
    return sql(
        "%s AS (SELECT scope.id, %s FROM scope JOIN %s ON %s = scope.%s%s"
        " WHERE %s GROUP BY 1)",
        Piece(name),
        rows.listed(),
        origin.table,
        origin.key,
        origin.whose,
        origin.more,
        rows.scoped_test(),
    )


def _whole(name, rows):
    origin = rows.origin
    return sql(
        "%s AS (SELECT %s AS id, %s FROM %s%s WHERE %s GROUP BY 1)",
        Piece(name),
        origin.key,
        rows.listed(),
        origin.table,
        origin.more,
        rows.test(),
    )
