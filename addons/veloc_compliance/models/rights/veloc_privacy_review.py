import json

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError

OUTCOMES = [
    ("upheld", "Stands"),
    ("changed", "Changed"),
    ("annulled", "Taken back"),
]
DESK_FIELDS = frozenset({"outcome", "reason"})


class VelocPrivacyReview(models.Model):
    """An automated decision that a person looks at again (art. 20).

    What was decided, by which version of the rule, from which values; a human being
    says whether it stands.
    """

    _name = "veloc.privacy.review"
    _description = "Review of an automated decision"
    _order = "id"
    _rec_name = "decision"

    request_id = fields.Many2one(
        "veloc.privacy.request", required=True, readonly=True, ondelete="restrict"
    )
    subject = fields.Char("Decided about", required=True, readonly=True)
    decision = fields.Char(required=True, readonly=True)
    version = fields.Char("Rule and version", readonly=True)
    criteria = fields.Text("How it is decided", readonly=True)
    features = fields.Text(readonly=True, help="The values the rule looked at (JSON).")
    features_text = fields.Text("Looked at", compute="_compute_features_text")
    decided_at = fields.Datetime("When", readonly=True)
    outcome = fields.Selection(OUTCOMES)
    reason = fields.Text("Reasons")
    reviewed_at = fields.Datetime(readonly=True)
    reviewer_id = fields.Many2one("res.users", readonly=True)

    _reviewed_by_somebody = models.Constraint(
        "CHECK (reviewed_at IS NULL OR (reviewer_id IS NOT NULL AND outcome IS NOT NULL"
        " AND reason IS NOT NULL))",
        "A review has a person, an outcome and reasons.",
    )

    # === COMPUTE === #

    @api.depends("features")
    def _compute_features_text(self):
        for review in self:
            values = json.loads(review.features or "{}")
            review.features_text = "\n".join(f"{k}: {v}" for k, v in values.items())

    # === CRUD === #

    def write(self, vals):
        """Let the reviewer choose the outcome and give reasons; then they stand."""
        if self.env.su:
            return super().write(vals)
        if set(vals) - DESK_FIELDS:
            raise AccessError(self.env._("What was decided cannot be rewritten."))
        for review in self:
            review.request_id._check_worker()
        if self.filtered("reviewed_at"):
            raise UserError(self.env._("This decision was reviewed already."))
        # sudo: the worker was checked, and only these two fields pass.
        return super(VelocPrivacyReview, self.sudo()).write(vals)

    # === ACTIONS === #

    def action_record(self):
        """Record the outcome; from now on it stands (button)."""
        self.request_id._check_worker()
        for review in self:
            request_sudo = review.request_id._check_worker()
            request_sudo._check_in_progress()
            # sudo: the worker was checked above.
            review.sudo()._record(request_sudo)
        return True

    # === BUSINESS === #

    def _record(self, request):
        if self.env.uid == SUPERUSER_ID:
            raise UserError(self.env._("A person must review this, not a program."))
        if not self.outcome or len((self.reason or "").strip()) < 15:
            raise UserError(self.env._("Choose an outcome and give the reasons."))
        self.write({"reviewed_at": fields.Datetime.now(), "reviewer_id": self.env.uid})
        request._remember("reviewed", outcome=self.outcome)
        if all(request.review_ids.mapped("reviewed_at")):
            step = request.step_ids.filtered(lambda s: s.code == "review_decisions")
            step.filtered(lambda s: not s.done_at)._tick(request)
        request._draft_answer()

    @api.model
    def _collect(self, request):
        """List the decisions that programs made about the person."""
        decisions = self._decisions(request._partners())
        self.create([{"request_id": request.id, **found} for found in decisions])
        if not decisions:
            steps = request.step_ids.filtered(lambda s: s.code == "review_decisions")
            steps._tick(request)

    @api.model
    def _decisions(self, partners):
        """Return values of reviews, newest first; addons add what they decide."""
        return []
