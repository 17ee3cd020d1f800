"""Entries become leaves of the tree, in batches, each with a signed head.

One sealer at a time, over all hosts. The lock is an advisory one taken in a READ
COMMITTED transaction: each statement after it sees what was committed before. A table
lock would do the same but needs more than the INSERT that the strict installation
grants. Positions and sizes are unique, so a fork is impossible in any case.
"""

import io
import logging
from contextlib import contextmanager
from uuid import uuid4

from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from odoo import api, models
from odoo.tools import SQL

from ...rules import ledger_audit, ledger_entry, ledger_head, merkle
from ...rules.ledger_entry import Entry

_logger = logging.getLogger(__name__)

LOCK = 7_602_101
BATCH = 20_000
# A transaction that is older than this when it commits is found by the daily pass.
LATE_HOURS = 1
COLUMNS = SQL(
    "entry.id, entry.at, entry.kind, entry.user_id, entry.model, entry.res_id,"
    " entry.subject_id, entry.public, entry.secret"
)


class VelocLedgerSealer(models.AbstractModel):
    """Seals what was committed; the only writer of leaves, nodes and heads."""

    _name = "veloc.ledger.sealer"
    _description = "Sealing of the ledger"

    @api.model
    def _cron_seal(self):
        """Seal everything that waits, then let the anchors follow."""
        cron = self.env["ir.cron"]
        sealed = BATCH
        while sealed == BATCH:
            with self._in_own_transaction() as sealer:
                sealed = sealer._seal()
            if not cron._commit_progress(sealed):
                break
        self.env["veloc.ledger.anchor"]._anchor_to_file()

    @contextmanager
    def _in_own_transaction(self):
        """Yield this model, alone, in a transaction that sees what is committed."""
        with self.env.registry.cursor() as cr:
            # A test's cursor is never idle and keeps its mode.
            if cr._cnx.get_transaction_status() == TRANSACTION_STATUS_IDLE:
                cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
            yield self.with_env(self.env(cr=cr))

    @api.model
    def _seal(self, limit=BATCH, all_of_it=False):
        """Seal up to ``limit`` entries; return how many there were.

        ``all_of_it`` also looks for entries older than those sealed long ago.
        """
        self.env.cr.execute(SQL("SELECT pg_advisory_xact_lock(%s)", LOCK))
        head = self.env["veloc.ledger.head"]._latest()
        size = head.size if head else 0
        entries, macs = self._unsealed(0 if all_of_it else self._low_mark(), limit)
        if not entries:
            return 0
        leaves = [ledger_entry.leaf_hash(entry) for entry in entries]
        forged = self._find_forged(entries, leaves, macs)
        builder = merkle.Builder(size, self.env["veloc.ledger.tree"]._peaks(size))
        self._insert_leaves(size, entries, leaves)
        self._insert_nodes(builder.extend(leaves))
        last = max(entries[-1].id, head.last_entry_id if head else 0)
        self._insert_head(head, builder, last)
        self._report_forged(forged)
        return len(entries)

    # === READ === #

    @api.model
    def _low_mark(self):
        """Return an entry id below which everything is sealed, as good as surely.

        An entry of a long transaction gets its number early and is seen late: the
        mark stays an hour behind, and the daily pass looks below it.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT last_entry_id FROM veloc_ledger_signed_head
                WHERE sealed_at < now() AT TIME ZONE 'UTC' - make_interval(hours => %s)
                ORDER BY size DESC LIMIT 1
                """,
                LATE_HOURS,
            )
        )
        return rows[0][0] if rows else 0

    @api.model
    def _unsealed(self, mark, limit):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT %s, entry.mac FROM veloc_ledger_entry_raw entry
                WHERE entry.id > %s AND NOT EXISTS (
                    SELECT FROM veloc_ledger_leaf leaf WHERE leaf.entry_id = entry.id)
                ORDER BY entry.id LIMIT %s
                """,
                COLUMNS,
                mark,
                limit,
            )
        )
        return [Entry(*row[:-1]) for row in rows], [row[-1] for row in rows]

    @api.model
    def _find_forged(self, entries, leaves, macs):
        """Return the ids of entries that Veloc did not write as they are now."""
        key = self.env["veloc.ledger.writer"]._row_key()
        return [
            entry.id
            for entry, leaf, mac in zip(entries, leaves, macs, strict=True)
            if not ledger_audit.is_ours(key, entry, leaf, mac)
        ]

    # === WRITE === #

    @api.model
    def _insert_leaves(self, size, entries, leaves):
        rows = "".join(
            f"{position}\t{entry.id}\t\\\\x{leaf.hex()}\n"
            for position, (entry, leaf) in enumerate(
                zip(entries, leaves, strict=True), size + 1
            )
        )
        self.env.cr.copy_expert(
            "COPY veloc_ledger_leaf (id, entry_id, hash) FROM STDIN", io.StringIO(rows)
        )

    @api.model
    def _insert_nodes(self, nodes):
        if nodes:
            rows = SQL(", ").join(SQL("%s", node) for node in nodes)
            self.env.cr.execute(
                SQL(
                    "INSERT INTO veloc_ledger_node (level, position, hash) VALUES %s",
                    rows,
                )
            )

    @api.model
    def _insert_head(self, previous, builder, last_entry_id):
        ((now,),) = self.env.execute_query(
            SQL("SELECT clock_timestamp() AT TIME ZONE 'UTC'")
        )
        head = ledger_head.sign(
            self.env["veloc.keyring"]._signing_key("ledger"),
            previous.origin if previous else str(uuid4()),
            builder.size,
            builder.root(),
            now,
            last_entry_id,
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO veloc_ledger_signed_head
                    (origin, size, root, sealed_at, last_entry_id, public_key,
                     signature)
                VALUES (%s, %s, %s, %s, %s, %s, %s)
                """,
                head.origin,
                head.size,
                head.root,
                now,
                head.last_entry_id,
                head.public_key,
                head.signature,
            )
        )

    @api.model
    def _report_forged(self, ids):
        """Entries nobody of ours wrote are sealed as they are, and told at once."""
        for id_ in ids:
            _logger.error("Ledger entry %s was not written by Veloc as it stands", id_)
            self.env["veloc.alert"]._raise(
                "ledger_forged",
                key=str(id_),
                detail=self.env._(
                    "Entry %(entry)s has no valid proof that Veloc wrote it.", entry=id_
                ),
                severity="critical",
            )
