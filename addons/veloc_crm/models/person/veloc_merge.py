"""Two records of one person become one; for 30 days they can become two again."""

from odoo import fields, models
from odoo.fields import NO_ACCESS

STATES = [("merged", "Merged"), ("undone", "Undone"), ("final", "Final")]


class VelocMerge(models.Model):
    """One merge: who, when, why, and sealed what it takes to undo it."""

    _name = "veloc.merge"
    _description = "Merge of Two Records of a Person"
    _order = "merged_at desc, id desc"
    _veloc_ledger_fields = frozenset({"state", "survivor_id", "loser_id"})
    _veloc_ledger_subject = "survivor_id"
    _veloc_ledger_reads = True

    survivor_id = fields.Many2one(
        "res.partner",
        "Stays",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    loser_id = fields.Many2one(
        "res.partner",
        "Merged into it",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="restrict"
    )
    merged_at = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now
    )
    merged_by = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        ondelete="restrict",
        default=lambda self: self.env.uid,
    )
    reason = fields.Char(readonly=True)
    state = fields.Selection(STATES, required=True, readonly=True, default="merged")
    undo_until = fields.Datetime("Can be undone until", required=True, readonly=True)
    closed_at = fields.Datetime("Closed", readonly=True)
    closed_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    moved_count = fields.Integer("Rows moved", readonly=True)
    has_consent_conflict = fields.Boolean("Consents differed", readonly=True)
    undo_sealed = fields.Text(
        readonly=True, groups=NO_ACCESS, prefetch=False, copy=False
    )
    trader_id = fields.Many2one("veloc.trader", compute="_compute_trader_id")

    _undo_idx = models.Index("(undo_until) WHERE state = 'merged'")

    def _compute_display_name(self):
        for merge in self:
            merge.display_name = (
                f"{merge.loser_id.display_name} → {merge.survivor_id.display_name}"
            )

    def _compute_trader_id(self):
        for merge in self:
            merge.trader_id = merge.survivor_id.veloc_trader_id
