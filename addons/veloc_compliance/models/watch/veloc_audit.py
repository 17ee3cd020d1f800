from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...rules import audit_period

STATES = [("open", "To do"), ("running", "Under way"), ("done", "Done")]


class VelocAudit(models.Model):
    """One audit of one period: its questions, answers, evidence and result."""

    _name = "veloc.audit"
    _description = "Audit"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "due_on desc, id desc"
    _veloc_ledger_fields = frozenset({"state", "owner_id", "due_on", "summary"})
    _veloc_ledger_subject = None
    _veloc_ledger_kind = "report"

    plan_id = fields.Many2one(
        "veloc.audit.plan", required=True, readonly=True, ondelete="restrict"
    )
    period_start = fields.Date("Period from", required=True, readonly=True)
    period_end = fields.Date("Period to", required=True, readonly=True)
    due_on = fields.Date("Due", required=True, readonly=True, tracking=True)
    owner_id = fields.Many2one(
        "res.users", domain=[("share", "=", False)], readonly=True, tracking=True
    )
    state = fields.Selection(
        STATES, required=True, readonly=True, default="open", tracking=True
    )
    check_ids = fields.One2many("veloc.audit.check", "audit_id", "Questions")
    summary = fields.Text("Conclusion")
    done_at = fields.Datetime(readonly=True)
    done_by_id = fields.Many2one("res.users", "Done by", readonly=True)
    is_missed = fields.Boolean(
        "Missed", compute="_compute_is_missed", search="_search_is_missed"
    )
    finding_count = fields.Integer("Findings", compute="_compute_counts")
    answered = fields.Integer(compute="_compute_counts")
    asked = fields.Integer("Questions asked", compute="_compute_counts")

    _one_per_period = models.UniqueIndex(
        "(plan_id, period_start)", "This period has its audit."
    )
    _due = models.Index("(due_on) WHERE state <> 'done'")

    # === COMPUTE === #

    @api.depends("plan_id", "period_start")
    def _compute_display_name(self):
        for audit in self:
            day = fields.Date.to_string(audit.period_start) or ""
            audit.display_name = f"{audit.plan_id.name} · {day}"

    @api.depends("due_on", "state")
    def _compute_is_missed(self):
        today = fields.Date.context_today(self)
        for audit in self:
            audit.is_missed = audit.state != "done" and audit.due_on < today

    def _search_is_missed(self, operator, value):
        if operator != "in" or set(value) == {True, False}:
            return NotImplemented
        today = fields.Date.context_today(self)
        domain = fields.Domain("state", "!=", "done") & fields.Domain(
            "due_on", "<", today
        )
        return domain if True in value else ~domain

    @api.depends("check_ids.answer")
    def _compute_counts(self):
        for audit in self:
            answers = audit.check_ids.mapped("answer")
            audit.asked = len(answers)
            audit.answered = sum(answer != "pending" for answer in answers)
            audit.finding_count = answers.count("finding")

    # === BUSINESS === #

    @api.model
    def _open_for(self, rows):
        """Open an audit per (plan, period), once, whoever else does so at this time."""
        if not rows:
            return self.browse()
        officers = self.env["veloc.escalation"]._officers()
        now = fields.Datetime.now()
        values = [
            (
                plan.id,
                period.first,
                period.last,
                audit_period.due_on(period, plan.days),
                self._owner(plan, n, officers),
                "open",
                *(self.env.uid, now) * 2,
            )
            for n, (plan, period) in enumerate(rows)
        ]
        new = self.env.execute_query(
            SQL(
                """
                INSERT INTO veloc_audit (plan_id, period_start, period_end, due_on,
                    owner_id, state, create_uid, create_date, write_uid, write_date)
                VALUES %s ON CONFLICT (plan_id, period_start) DO NOTHING RETURNING id
                """,
                SQL(", ").join(SQL("%s", row) for row in values),
            )
        )
        audits = self.browse(id_ for (id_,) in new)
        self.invalidate_model()
        self.env["veloc.audit.check"]._copy_questions(audits)
        audits._schedule()
        return audits

    def _owner(self, plan, place, officers):
        if plan.owner_id:
            return plan.owner_id.id
        return officers[place % len(officers)].id if officers else None

    def _schedule(self):
        """Put the audits on the lists of their owners, and into the ledger."""
        for audit in self.filtered("owner_id"):
            audit.activity_schedule(
                "mail.mail_activity_data_todo",
                audit.due_on,
                summary=audit.display_name,
                user_id=audit.owner_id.id,
            )
        self.env["veloc.ledger.entry"]._note_many(
            [
                {
                    "kind": "report",
                    "model": self._name,
                    "res_id": audit.id,
                    "public": {"event": "opened", "plan": audit.plan_id.id},
                }
                for audit in self
            ]
        )

    def _check_may_work(self):
        if not self.env.user.has_group("veloc_compliance.group_advanced"):
            raise AccessError(self.env._("Only compliance analysts do audits."))
        if self.filtered(lambda audit: audit.state == "done"):
            raise UserError(self.env._("This audit is done: it cannot be changed."))

    # === CRUD === #

    def write(self, vals):
        """What is done is evidence: not a word of it changes."""
        if self.filtered(lambda audit: audit.state == "done"):
            raise UserError(self.env._("This audit is done: it cannot be changed."))
        if not self.env.su:
            vals = {key: vals[key] for key in vals if key in self._open_fields()}
        return super().write(vals)

    @api.model
    def _open_fields(self):
        """Return what people write themselves; the rest moves by the methods below."""
        return {"summary", "check_ids", "message_follower_ids", "activity_ids"}

    # === ACTIONS === #

    def action_start(self):
        """Begin: gather the evidence that the system has (button)."""
        self._check_may_work()
        # sudo: the group was checked; states move by these methods only.
        audits_sudo = self.sudo()
        audits_sudo.write({"state": "running", "owner_id": self.env.uid})
        audits_sudo.check_ids._gather(self.env.user)
        return True

    def action_gather(self):
        """Gather the evidence anew (button)."""
        self._check_may_work()
        # sudo: the numbers are the system's own; people cannot write them.
        self.sudo().check_ids._gather(self.env.user)
        return True

    def action_finish(self):
        """Conclude: every question answered, every finding explained (button)."""
        self._check_may_work()
        for audit in self:
            audit.check_ids._check_complete()
            if not (audit.summary or "").strip():
                raise UserError(self.env._("Write the conclusion first."))
        # sudo: as above.
        audits_sudo = self.sudo()
        for audit in audits_sudo:
            for check in audit.check_ids.filtered(lambda c: c.answer == "finding"):
                self.env["veloc.alert"]._raise(
                    "audit_finding",
                    check.id,
                    f"{check.question}\n{check.note}",
                    res_model=audit._name,
                    res_id=audit.id,
                )
        audits_sudo.write(
            {
                "state": "done",
                "done_at": fields.Datetime.now(),
                "done_by_id": self.env.uid,
            }
        )
        audits_sudo.activity_unlink(["mail.mail_activity_data_todo"])
        return True
