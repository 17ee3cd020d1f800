"""Proofs from the stored hashes: a few hundred rows each, whatever the log's size."""

from odoo import api, models
from odoo.tools import SQL

from ...rules import merkle

SIZE = 32  # bytes of a hash


class VelocLedgerTree(models.AbstractModel):
    """Reads leaves and remembered nodes and makes roots and proofs of them."""

    _name = "veloc.ledger.tree"
    _description = "Merkle tree of the ledger"

    @api.model
    def _peaks(self, size):
        """Return the roots of the whole subtrees of a tree, largest first."""
        places = [
            (p << level, (p + 1) << level) for level, p in merkle.peak_places(size)
        ]
        source = self._source(places)
        return [merkle.range_root(*place, source) for place in places]

    @api.model
    def _root(self, size):
        """Return the root that the tree had when it was of this size."""
        if not size:
            return merkle.EMPTY
        return merkle.range_root(0, size, self._source([(0, size)]))

    @api.model
    def _inclusion(self, positions, size):
        """Return ``{position: proof}`` for leaves of a tree of this size."""
        asked = {p: merkle.inclusion_places(p, size) for p in positions}
        source = self._source({place for places in asked.values() for place in places})
        known = {}

        def root(place):
            if place not in known:
                known[place] = merkle.range_root(*place, source)
            return known[place]

        return {p: [root(place) for place in places] for p, places in asked.items()}

    @api.model
    def _consistency(self, old, new):
        """Return the proof that a tree only grew from ``old`` to ``new`` leaves."""
        places = merkle.consistency_places(old, new)
        source = self._source(places)
        return [merkle.range_root(*place, source) for place in places]

    @api.model
    def _source(self, places):
        """Return the hashes that these ranges need, in two queries."""
        wanted = merkle.needed(places)
        leaves = sorted({(a, b) for level, a, b in wanted if not level})
        nodes = sorted({place for place in wanted if place[0]})
        hashes = {}
        if leaves:
            hashes |= self._leaves(leaves)
        if nodes:
            hashes |= self._nodes(nodes)
        return lambda level, position: hashes[level, position]

    @api.model
    def _leaves(self, ranges):
        """Return the hashes of ranges of leaves; each range comes as one row."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT 0, wanted.first, (
                    SELECT string_agg(leaf.hash, ''::bytea) FROM (
                        SELECT hash FROM veloc_ledger_leaf
                        WHERE id BETWEEN wanted.first + 1 AND wanted.last + 1
                        ORDER BY id
                    ) leaf)
                FROM unnest(%s::int[], %s::int[]) AS wanted (first, last)
                """,
                [first for first, _last in ranges],
                [last for _first, last in ranges],
            )
        )
        return _by_place(rows)

    @api.model
    def _nodes(self, places):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT wanted.level, wanted.first, (
                    SELECT string_agg(node.hash, ''::bytea) FROM (
                        SELECT hash FROM veloc_ledger_node
                        WHERE level = wanted.level
                            AND position BETWEEN wanted.first AND wanted.last
                        ORDER BY position
                    ) node)
                FROM unnest(%s::int[], %s::int[], %s::int[])
                    AS wanted (level, first, last)
                """,
                *(list(column) for column in zip(*places, strict=True)),
            )
        )
        return _by_place(rows)


def _by_place(rows):
    """Return ``{(level, position): hash}`` of rows (level, first position, hashes)."""
    return {
        (level, first + number): hashes[number * SIZE : number * SIZE + SIZE]
        for level, first, found in rows
        for hashes in (bytes(found or b""),)
        for number in range(len(hashes) // SIZE)
    }
