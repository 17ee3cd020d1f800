from odoo import api, fields, models
from odoo.tools import SQL

# What no permit opens: the proof of what was done under permits, and the ledger.
SEALED = (
    "veloc_change_permit",
    "veloc_erasure_step",
    "veloc_ledger",
    "veloc_tombstone",
)


class VelocChangePermit(models.Model):
    """Leave to change append-only rows, once, in one transaction, and its proof.

    The deny triggers look for a row of their own transaction here. It is committed
    with the change or not at all, and nobody can remove it: an erasure without its
    permit, or a permit without its erasure, is seen.
    """

    _name = "veloc.change.permit"
    _inherit = ["veloc.append.only"]
    _description = "Permit to change append-only rows"
    _log_access = False
    _order = "id desc"
    _rec_name = "table_name"

    table_name = fields.Char("Table", required=True, readonly=True)
    reason = fields.Char(required=True, readonly=True, help="What it was opened for.")
    # Both name the transaction: a number alone may come again in a restored database.
    xact = fields.Char("Transaction", required=True, readonly=True)
    opened_at = fields.Datetime(required=True, readonly=True)
    opened_by = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="restrict"
    )

    _xact_idx = models.Index("(xact, table_name)")

    @api.model
    def _open(self, tables, reason):
        """Let this transaction change rows of these tables, and write down why."""
        for table in tables:
            if table.startswith(SEALED):
                raise ValueError(f"{table} is never changed")
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO veloc_change_permit
                    (table_name, reason, xact, opened_at, opened_by)
                SELECT name, %(reason)s, pg_current_xact_id()::text,
                    transaction_timestamp() AT TIME ZONE 'UTC', %(uid)s
                FROM unnest(%(tables)s::varchar[]) AS name
                WHERE NOT EXISTS (
                    SELECT FROM veloc_change_permit
                    WHERE xact = pg_current_xact_id()::text AND table_name = name
                        AND opened_at = transaction_timestamp() AT TIME ZONE 'UTC')
                """,
                reason=reason,
                uid=self.env.uid,
                tables=sorted(set(tables)),
            )
        )
