from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...rules import ledger_entry, ledger_head
from ...rules.ledger_head import Head

VIEW = """
DROP VIEW IF EXISTS veloc_ledger_head;
CREATE VIEW veloc_ledger_head AS
SELECT id, origin, size, root, sealed_at, last_entry_id, public_key, signature,
    size - coalesce(lag(size) OVER (ORDER BY size), 0) AS added
FROM veloc_ledger_signed_head
"""


class VelocLedgerHead(models.Model):
    """A signed seal: what the whole ledger was at one moment."""

    _name = "veloc.ledger.head"
    _description = "Ledger head"
    _auto = False
    _log_access = False
    _order = "size desc"
    _rec_name = "size"

    origin = fields.Char("Log", readonly=True)
    size = fields.Integer("Entries sealed", readonly=True, aggregator="max")
    added = fields.Integer("New entries", readonly=True)
    root = fields.Char("Root hash", readonly=True)
    sealed_at = fields.Datetime(readonly=True)
    last_entry_id = fields.Integer("Last entry", readonly=True, aggregator=None)
    public_key = fields.Char(readonly=True)
    signature = fields.Char(readonly=True)
    line = fields.Char("Anchor line", compute="_compute_line")
    is_signed = fields.Boolean("Signature valid", compute="_compute_line")

    def init(self):
        """Make the view anew."""
        self.env["veloc.ledger.schema"]._install()
        self.env.cr.execute(VIEW)

    # === COMPUTE === #

    @api.depends("size")
    def _compute_line(self):
        found = {head.size: head for head in self._read_heads(self.mapped("size"))}
        for record in self:
            head = found.get(record.size)
            record.line = head.line() if head else False
            record.is_signed = bool(head and ledger_head.is_signed(head))

    # === CRUD === #

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("Heads of the ledger can never be changed."))

    def unlink(self):  # pylint: disable=method-required-super
        # pylint: disable-next=no-raise-unlink  # refusing is what a ledger is for
        raise UserError(self.env._("Heads of the ledger can never be deleted."))

    # === BUSINESS === #

    @api.model
    def consistency(self, old_size, new_size):
        """Return the proof that the log only grew between two heads, as hex texts.

        For auditors, over RPC; check it with the two roots (RFC 9162, 2.1.4.2).
        """
        self._check_auditor()
        heads = {head.size for head in self._read_heads([old_size, new_size])}
        if heads != {old_size, new_size} or old_size > new_size:
            raise UserError(self.env._("There are no heads of these sizes."))
        proof = self.env["veloc.ledger.tree"]._consistency(old_size, new_size)
        return [hash_.hex() for hash_ in proof]

    @api.model
    def _check_auditor(self):
        if not self.env.su and not self.env.user.has_group(
            "veloc_compliance.group_auditor"
        ):
            raise AccessError(self.env._("Only auditors may examine the ledger."))

    @api.model
    def _latest(self):
        """Return the newest head (rules.ledger_head.Head), None before the first."""
        return next(
            iter(self._query_heads(SQL("ORDER BY size DESC LIMIT 1"))),
            None,
        )

    @api.model
    def _read_heads(self, sizes):
        """Return the heads of these sizes."""
        return self._query_heads(SQL("WHERE size = ANY(%s)", list(sizes)))

    @api.model
    def _heads_after(self, size):
        """Return the heads larger than ``size``, the smallest first."""
        return self._query_heads(SQL("WHERE size > %s ORDER BY size", size))

    @api.model
    def _query_heads(self, condition):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT origin, size, root, sealed_at, last_entry_id, public_key,
                    signature
                FROM veloc_ledger_signed_head %s
                """,
                condition,
            )
        )
        return [
            Head(
                origin, size, root, ledger_entry.moment(at), last, public_key, signature
            )
            for origin, size, root, at, last, public_key, signature in rows
        ]
