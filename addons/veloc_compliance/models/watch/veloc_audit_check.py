import json

from odoo import api, fields, models
from odoo.exceptions import UserError

from .veloc_audit_question import EVIDENCE

ANSWERS = [
    ("pending", "To answer"),
    ("good", "As it should be"),
    ("finding", "Finding"),
    ("not_applicable", "Does not apply"),
]


class VelocAuditCheck(models.Model):
    """One question of one audit: as it was asked, with its answer and evidence."""

    _name = "veloc.audit.check"
    _description = "Audit answer"
    _order = "audit_id, sequence, id"
    _rec_name = "question"
    _veloc_ledger_fields = frozenset({"answer", "note"})
    _veloc_ledger_subject = None
    _veloc_ledger_kind = "report"

    audit_id = fields.Many2one(
        "veloc.audit", required=True, readonly=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(readonly=True)
    question = fields.Char(required=True, readonly=True)
    how = fields.Text("How to look", readonly=True)
    article = fields.Char("Law or duty", readonly=True)
    evidence = fields.Selection(EVIDENCE, "Automatic evidence", readonly=True)
    wants_file = fields.Boolean("Needs a file", readonly=True)
    answer = fields.Selection(ANSWERS, required=True, default="pending")
    note = fields.Text(help="What you saw; for a finding: what is wrong.")
    file_ids = fields.Many2many(
        "ir.attachment", string="Files", bypass_search_access=True
    )
    facts = fields.Text("Numbers", readonly=True)
    facts_data = fields.Char(readonly=True)
    gathered_at = fields.Datetime(readonly=True)
    answered_at = fields.Datetime(readonly=True)
    answered_by_id = fields.Many2one("res.users", "Answered by", readonly=True)
    audit_state = fields.Selection(related="audit_id.state", string="State")

    # === CRUD === #

    def write(self, vals):
        """People answer; the question and the numbers stay as they are."""
        if self.audit_id.filtered(lambda audit: audit.state == "done"):
            raise UserError(self.env._("This audit is done: it cannot be changed."))
        if not self.env.su:
            vals = {k: vals[k] for k in vals if k in ("answer", "note", "file_ids")}
        if "answer" in vals:
            vals["answered_at"] = fields.Datetime.now()
            vals["answered_by_id"] = self.env.uid
        return super().write(vals)

    # === BUSINESS === #

    @api.model
    def _copy_questions(self, audits):
        """Copy the plans' questions: a plan that changes leaves past audits alone."""
        return self.create(
            [
                {
                    "audit_id": audit.id,
                    "sequence": question.sequence,
                    "question": question.question,
                    "how": question.how,
                    "article": question.article,
                    "evidence": question.evidence,
                    "wants_file": question.wants_file,
                }
                for audit in audits
                for question in audit.plan_id.with_context(
                    lang=audit.owner_id.lang
                ).question_ids
            ]
        )

    def _gather(self, user):
        """Write down what the system can say about each question."""
        collector = self.env["veloc.audit.evidence"].with_context(lang=user.lang)
        for check in self.filtered("evidence"):
            facts = collector._collect(check.evidence, check.audit_id)
            check.write(
                {
                    "facts": "\n".join(f"{name}: {value}" for name, value in facts),
                    "facts_data": json.dumps(facts, default=str),
                    "gathered_at": fields.Datetime.now(),
                }
            )

    def _check_complete(self):
        """Refuse to conclude while something is missing, and name it."""
        for check in self:
            if check.answer == "pending":
                raise UserError(
                    self.env._(
                        "Not answered yet: %(question)s", question=check.question
                    )
                )
            if check.answer == "finding" and not (check.note or "").strip():
                raise UserError(
                    self.env._(
                        "Say what is wrong: %(question)s", question=check.question
                    )
                )
            needs_file = check.wants_file and check.answer != "not_applicable"
            if needs_file and not check.file_ids:
                raise UserError(
                    self.env._(
                        "A file is missing: %(question)s", question=check.question
                    )
                )
