import hashlib
import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...rules import impact

STATES = [("draft", "Draft"), ("approved", "Approved"), ("withdrawn", "Withdrawn")]
LEVELS = [("low", "Low"), ("medium", "Medium"), ("high", "High")]


class VelocImpactReport(models.Model):
    """An impact report (RIPD, LGPD art. 38): the risks to people and the answers.

    Approved it never changes; a new one replaces it.
    """

    _name = "veloc.impact.report"
    _description = "Data protection impact report"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _veloc_ledger_fields = frozenset({"name", "state", "review_on"})
    _veloc_ledger_subject = None
    _veloc_ledger_kind = "config"

    name = fields.Char(required=True)
    activity_id = fields.Many2one(
        "veloc.processing.activity", required=True, ondelete="restrict", index=True
    )
    state = fields.Selection(
        STATES, string="Status", required=True, readonly=True, default="draft",
        copy=False, tracking=True,
    )  # fmt: skip
    description = fields.Text("What is done, with what, by whom")
    data_collected = fields.Text("Which data, of whom, how many people")
    method = fields.Text("How the data are collected and kept safe")
    necessity = fields.Text("Why it is necessary and in proportion")
    safeguards = fields.Text("Measures and mechanisms that lower the risk")
    consulted = fields.Text("Who was heard")
    conclusion = fields.Text()
    risk_ids = fields.One2many("veloc.impact.risk", "report_id", "Risks", copy=True)
    level = fields.Selection(
        LEVELS, "Highest risk left", compute="_compute_level", store=True
    )
    todo = fields.Text("To do before approval", compute="_compute_todo")
    review_on = fields.Date(
        "Review by",
        required=True,
        default=lambda self: fields.Date.add(
            fields.Date.context_today(self), months=12
        ),
        copy=False,
    )
    approved_at = fields.Datetime(readonly=True, copy=False)
    approved_by = fields.Many2one("res.users", readonly=True, copy=False)
    content_hash = fields.Char("SHA-256 of the report", readonly=True, copy=False)
    company_id = fields.Many2one(related="activity_id.company_id", store=True)

    # === COMPUTE === #

    @api.depends("risk_ids.residual_level")
    def _compute_level(self):
        for report in self:
            levels = report.risk_ids.mapped("residual_level")
            report.level = impact.highest(filter(None, levels))

    @api.depends(
        *impact.CHAPTERS, "risk_ids.level", "risk_ids.residual_level",
        "risk_ids.measures",
    )  # fmt: skip
    def _compute_todo(self):
        messages = self._fault_messages()
        for report in self:
            report.todo = "\n".join(messages[code] for code in report._faults())

    def _faults(self):
        chapters = {name: self[name] for name in impact.CHAPTERS}
        return impact.approval_faults(chapters, [r._as_risk() for r in self.risk_ids])

    def _fault_messages(self):
        labels = {
            n: self._fields[n]._description_string(self.env) for n in impact.CHAPTERS
        }
        chapters = {
            name: self.env._(
                "Chapter “%(title)s” is missing or too short.", title=title
            )
            for name, title in labels.items()
        }
        return chapters | {
            "no_risks": self.env._("No risk was named."),
            "no_measures": self.env._("A risk that is not low needs measures."),
            "residual_high": self.env._(
                "A high risk would be left: lower it, or do not process the data."
            ),
        }

    # === CRUD === #

    def write(self, vals):
        """Refuse to change what was approved."""
        moves = self.env.context.get("veloc_register_move")
        if not moves and self.filtered(lambda report: report.state != "draft"):
            own = {"message_follower_ids", "activity_ids", "message_ids"}
            if set(vals) - own:
                raise UserError(
                    self.env._("An approved report never changes: duplicate it.")
                )
        if not moves and set(vals) & {"state", "approved_at", "approved_by"}:
            raise UserError(self.env._("Use the buttons to change the status."))
        return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        """Every report begins as a draft, whoever makes it."""
        blank = {"state": "draft", "approved_at": False, "approved_by": False}
        return super().create([values | blank for values in vals_list])

    @api.ondelete(at_uninstall=False)
    def _keep_what_was_approved(self):
        if self.filtered(lambda report: report.state != "draft"):
            raise UserError(self.env._("A report that was approved stays."))

    # === ACTIONS === #

    def action_approve(self):
        """Approve and freeze the report (button)."""
        self._check_officer()
        for report in self:
            if report.todo:
                raise UserError(report.todo)
            report._move(
                state="approved",
                approved_at=fields.Datetime.now(),
                approved_by=self.env.uid,
                content_hash=report._hash(),
            )
        return True

    def action_withdraw(self):
        """Take the report back: what needed it is warned about (button)."""
        self._check_officer()
        return self._move(state="withdrawn")

    def _move(self, **values):
        return self.with_context(veloc_register_move=True).write(values)

    def _check_officer(self):
        if not self.env.user.has_group("veloc_compliance.group_officer"):
            raise AccessError(self.env._("Only a compliance officer may do this."))

    def _hash(self):
        """Return the SHA-256 of everything the report says."""
        content = {name: self[name] or "" for name in (*impact.CHAPTERS, "consulted")}
        content["risks"] = [risk._content() for risk in self.risk_ids]
        text = json.dumps(content, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()
