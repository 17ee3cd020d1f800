"""From checked definitions to one statement that answers all of them.

Equal conditions are asked once. Each becomes a truth and, where time alone can change
it, the next moment at which that may happen.
"""

import zlib
from dataclasses import dataclass, field
from datetime import date, datetime

from . import segment_conditions as conditions
from .segment_definition import Leaf, leaves
from .segment_due import Due, first_of
from .segment_sources import Sources
from .sql_text import Piece, join, sql

VERBS = {"all": " AND ", "any": " OR "}
JOINS = {
    "t": " JOIN veloc_trader t ON t.id = s.id",
    "p": " JOIN res_partner p ON p.id = t.partner_id",
}
# Few are blocked or archived: they have an index of their own, and are looked up there
# once or one by one instead of joining everybody's contact.
PRESENT = Piece(
    "s.id NOT IN (SELECT bt.id FROM res_partner bp JOIN veloc_trader bt"
    " ON bt.partner_id = bp.id WHERE bp.veloc_blocked_at IS NOT NULL OR NOT bp.active)"
)
IS_HERE = Piece(
    "NOT EXISTS (SELECT FROM res_partner bp WHERE bp.id = t.partner_id"
    " AND (bp.veloc_blocked_at IS NOT NULL OR NOT bp.active))"
)
TRADERS_ALONE = "veloc_trader t CROSS JOIN LATERAL (SELECT t.id, t.company_id) s"
# What the scope tells of a trader, asked or not.
SCOPE = ("id", "partner_id", "company_id", "last_event_at")


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
    due: Due | None


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

    ``scope`` is a condition on ``veloc_trader t``, whose rows are read once. Who is
    blocked or archived fits nowhere.
    """
    sources, asked = program.sources, program.asked.values()
    columns = sorted({*SCOPE, *sources.columns["t"]})
    return sql(
        """
        WITH %s, seen AS MATERIALIZED (
            SELECT t.id, t.company_id, %s AS is_here, %s AS due%s
            FROM scope t JOIN veloc_trader_state s ON s.id = t.id%s%s
        )
        SELECT id, %s AS truths,
               CASE WHEN is_here THEN %s ELSE '{}'::int[] END AS segment_ids, due
        FROM seen
        """,
        join(", ", [_scope(columns, scope), *sources.ctes()]),
        IS_HERE,
        first_of([one.due for one in asked if one.due], program.clock),
        join("", [sql(", %s AS %s", a.truth, Piece(f"l{a.id}")) for a in asked]),
        Piece(JOINS["p"] if sources.columns["p"] else ""),
        sources.joins(),
        _ids((a.id, Piece(f"l{a.id}")) for a in asked),
        _ids(program.segments.items()),
    )


def _scope(columns, test):
    names = Piece(", ".join(f"t.{name}" for name in columns))
    return sql(
        "scope AS MATERIALIZED (SELECT %s FROM veloc_trader t WHERE %s)", names, test
    )


def select(tree, clock, columns, scope):
    """Return the statement that selects ``columns`` of those who fit one tree.

    Only the tables that are asked are read, so that counting a million is quick.
    ``scope`` is a condition on ``veloc_trader_state s``.
    """
    sources, needs = Sources(clock), []
    truth = _spell(tree, sources, needs)
    parts = sources.ctes(is_everybody=True)
    if sources.needs_scope():
        parts.insert(0, _scope(SCOPE, Piece("true")))
    # Nobody without a row there can fit: said like this, the planner begins there.
    present = [Piece(f"{name}.id IS NOT NULL") for name in dict.fromkeys(needs)]
    # Of equal price, conditions are asked in this order: who is asked last is asked
    # for those alone who fit.
    return sql(
        "%s SELECT %s FROM %s%s WHERE %s",
        sql("WITH %s", join(", ", parts)) if parts else Piece(""),
        columns,
        _tables(sources),
        sources.joins(),
        join(" AND ", [truth, *present, PRESENT, scope]),
    )


def _tables(sources):
    """Return the tables of everybody: the figures are wide, and read only if asked."""
    if sources.needed() and not sources.columns["s"]:
        joined = JOINS["p"] if "p" in sources.needed() else ""
        return Piece(TRADERS_ALONE + joined)
    return Piece("veloc_trader_state s" + _joins(sources))


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
    scope = _scope(SCOPE, sql("t.id = %s", trader_id))
    return sql(
        "WITH %s SELECT %s%s FROM veloc_trader_state s%s%s WHERE s.id = %s",
        join(", ", [scope, *sources.ctes()]),
        PRESENT,
        join("", columns),
        Piece(_joins(sources)),
        sources.joins(),
        trader_id,
    )


def _joins(sources):
    return "".join(JOINS[name] for name in "tp" if name in sources.needed())


def _spell(tree, sources, needs=None):
    """Return the boolean of a tree, its conditions written out.

    ``needs`` takes the sources without whose row the whole cannot hold.
    """
    if isinstance(tree, Leaf):
        test = conditions.compile_leaf(tree.condition, sources)
        if needs is not None and test.needs:
            needs.append(test.needs)
        return test.truth
    below = needs if tree.verb == "all" or len(tree.children) == 1 else None
    children = [
        _spell(child, sources, None if tree.verb == "not" else below)
        for child in tree.children
    ]
    if tree.verb == "not":
        return sql("(NOT %s)", children[0])
    return sql("(%s)", join(VERBS[tree.verb], children))


def _ids(numbered):
    """Return the array of the numbers whose condition holds."""
    cases = [sql("CASE WHEN %s THEN %s END", test, n) for n, test in numbered]
    if not cases:
        return Piece("'{}'::int[]")
    return sql("array_remove(ARRAY[%s]::int[], NULL)", join(", ", cases))
