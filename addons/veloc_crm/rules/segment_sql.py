"""From checked definitions to one statement that answers all of them.

Equal conditions are asked once. Each becomes a truth and, where time alone can change
it, the next moment at which that may happen; a moment too early does no harm.
"""

import zlib
from dataclasses import dataclass, field
from datetime import date, datetime

from . import segment_conditions as conditions
from .segment_definition import Leaf, leaves
from .segment_sources import Sources
from .sql_text import Piece, join, sql

VERBS = {"all": " AND ", "any": " OR "}
JOINS = {
    "t": " JOIN veloc_trader t ON t.id = s.id",
    "p": " JOIN res_partner p ON p.id = t.partner_id",
}
# Few are blocked or archived: they are looked up once instead of joining everybody.
PRESENT = Piece(
    "s.id NOT IN (SELECT bt.id FROM res_partner bp JOIN veloc_trader bt"
    " ON bt.partner_id = bp.id WHERE bp.veloc_blocked_at IS NOT NULL OR NOT bp.active)"
)


@dataclass(frozen=True, slots=True)
class Clock:
    """The moment (naive UTC) and the broker's day, its start and its zone."""

    now: datetime
    today: date
    zone: str


@dataclass(slots=True)
class Asked:
    """One distinct condition of the program."""

    id: int
    leaf: Leaf
    truth: Piece
    due: Piece | None


@dataclass(slots=True)
class Program:
    """What the statement is made of; ``segments`` maps ids to boolean pieces."""

    clock: Clock
    sources: Sources
    asked: dict = field(default_factory=dict)
    segments: dict = field(default_factory=dict)


def build(trees, clock, companies=None):
    """Return the program for ``{segment id: tree}``.

    ``companies`` is ``{segment id: company id}`` of segments kept to one company.
    """
    program = Program(clock, Sources(clock))
    for segment_id, tree in trees.items():
        for leaf in leaves(tree):
            if leaf.key not in program.asked:
                program.asked[leaf.key] = _ask(leaf, program)
        truth = _combine(tree, program)
        company_id = (companies or {}).get(segment_id)
        if company_id:
            truth = sql("(%s AND company_id = %s)", truth, company_id)
        program.segments[segment_id] = truth
    return program


def leaf_id(key, taken=()):
    """Return the lasting number of a condition; the same everywhere it stands."""
    number = zlib.crc32(key.encode()) & 0x7FFFFFFF
    while number in taken:
        number += 1
    return number


def _ask(leaf, program):
    test = conditions.compile_leaf(leaf.condition, program.sources)
    taken = {asked.id for asked in program.asked.values()}
    return Asked(leaf_id(leaf.key, taken), leaf, test.truth, test.due)


def _combine(tree, program):
    """Return the boolean of a tree over the columns l<number of the condition>."""
    if isinstance(tree, Leaf):
        return Piece(f"l{program.asked[tree.key].id}")
    children = [_combine(child, program) for child in tree.children]
    if tree.verb == "not":
        return sql("(NOT %s)", children[0])
    return sql("(%s)", join(VERBS[tree.verb], children))


# === STATEMENTS === #


def evaluate(program, scope):
    """Return the statement: id, truths, segment ids and next moment of each trader.

    ``scope`` is a condition on ``veloc_trader t``. Who is blocked or archived fits
    nowhere.
    """
    asked = program.asked.values()
    return sql(
        """
        WITH scope AS MATERIALIZED (
            SELECT t.id, t.partner_id FROM veloc_trader t WHERE %s
        )%s, seen AS MATERIALIZED (
            SELECT t.id, t.company_id,
                   p.active AND p.veloc_blocked_at IS NULL AS is_here, %s AS due%s
            FROM scope JOIN veloc_trader t ON t.id = scope.id
            JOIN veloc_trader_state s ON s.id = scope.id
            JOIN res_partner p ON p.id = scope.partner_id%s
        )
        SELECT id, %s AS truths,
               CASE WHEN is_here THEN %s ELSE '{}'::int[] END AS segment_ids, due
        FROM seen
        """,
        scope,
        program.sources.ctes(),
        _least([one.due for one in asked if one.due], program.clock),
        join("", [sql(", %s AS %s", a.truth, Piece(f"l{a.id}")) for a in asked]),
        program.sources.joins(),
        _ids((a.id, Piece(f"l{a.id}")) for a in asked),
        _ids(program.segments.items()),
    )


def select(tree, clock, columns, scope):
    """Return the statement that selects ``columns`` of those who fit one tree.

    Only the tables that are asked are read, so that counting a million is quick.
    ``scope`` is a condition on ``veloc_trader_state s``.
    """
    sources = Sources(clock)
    truth = _spell(tree, sources)
    scope_cte = "WITH scope AS (SELECT t.id, t.partner_id FROM veloc_trader t)"
    return sql(
        "%s%s SELECT %s FROM veloc_trader_state s%s%s WHERE %s AND %s AND %s",
        Piece("" if sources.is_empty() else scope_cte),
        sources.ctes(),
        columns,
        Piece("".join(JOINS[name] for name in "tp" if name in sources.needed())),
        sources.joins(),
        scope,
        PRESENT,
        truth,
    )


def explain(tree, clock, trader_id):
    """Return the statement of one row: truth and what was seen, condition by condition.

    The first column says whether the person is here at all.
    """
    sources = Sources(clock)
    tests = [conditions.compile_leaf(leaf.condition, sources) for leaf in leaves(tree)]
    columns = [
        sql(", %s, (%s)::text", test.truth, test.seen or Piece("NULL"))
        for test in tests
    ]
    return sql(
        "WITH scope AS (SELECT t.id, t.partner_id FROM veloc_trader t WHERE t.id = %s)"
        "%s SELECT %s%s FROM veloc_trader_state s%s%s WHERE s.id = %s",
        trader_id,
        sources.ctes(),
        PRESENT,
        join("", columns),
        Piece("".join(JOINS[name] for name in "tp" if name in sources.needed())),
        sources.joins(),
        trader_id,
    )


def _spell(tree, sources):
    """Return the boolean of a tree, its conditions written out."""
    if isinstance(tree, Leaf):
        return conditions.compile_leaf(tree.condition, sources).truth
    children = [_spell(child, sources) for child in tree.children]
    if tree.verb == "not":
        return sql("(NOT %s)", children[0])
    return sql("(%s)", join(VERBS[tree.verb], children))


def _ids(numbered):
    """Return the array of the numbers whose condition holds."""
    cases = [sql("CASE WHEN %s THEN %s END", test, n) for n, test in numbered]
    if not cases:
        return Piece("'{}'::int[]")
    return sql("array_remove(ARRAY[%s]::int[], NULL)", join(", ", cases))


def _least(dues, clock):
    """Return the first of the moments that is still to come."""
    if not dues:
        return Piece("NULL::timestamp")
    coming = [sql("CASE WHEN %s > %s THEN %s END", d, clock.now, d) for d in dues]
    return sql("least(%s)", join(", ", coming))
