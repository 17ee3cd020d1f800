"""Two contacts that may be one person, with the reasons, for somebody to decide."""

from odoo import api, fields, models

from ...rules.duplicate_words import REASONS

STATES = [
    ("open", "To decide"),
    ("merged", "Merged"),
    ("linked", "Linked, not the same"),
    ("different", "Different people"),
]


class VelocDuplicate(models.Model):
    """A pair of people, scored; found by keys they share, never by comparing all."""

    _name = "veloc.duplicate"
    _description = "Possible Duplicate"
    _order = "score desc, id desc"
    _veloc_ledger_fields = frozenset({"state", "decided_by"})
    _veloc_ledger_subject = "left_id"
    _veloc_ledger_reads = True

    left_id = fields.Many2one(
        "res.partner",
        "One person",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    right_id = fields.Many2one(
        "res.partner",
        "The other",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="restrict"
    )
    score = fields.Integer(readonly=True, help="0 to 100: how sure we are.")
    reasons = fields.Json(readonly=True)
    reason_words = fields.Char("Why", compute="_compute_reason_words")
    state = fields.Selection(STATES, required=True, readonly=True, default="open")
    found_at = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now
    )
    decided_at = fields.Datetime(readonly=True)
    decided_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")

    _pair_unique = models.Constraint(
        "UNIQUE (left_id, right_id)", "This pair is listed already."
    )
    _pair_ordered = models.Constraint(
        "CHECK (left_id < right_id)", "The older contact comes first."
    )
    _open_idx = models.Index("(score DESC, id DESC) WHERE state = 'open'")

    # === COMPUTE === #

    @api.depends("reasons")
    @api.depends_context("lang")
    def _compute_reason_words(self):
        for pair in self:
            pair.reason_words = ", ".join(
                self.env._(REASONS[code]) for code in pair.reasons or ()
            )

    @api.depends("left_id", "right_id")
    def _compute_display_name(self):
        for pair in self:
            pair.display_name = (
                f"{pair.left_id.display_name} · {pair.right_id.display_name}"
            )
