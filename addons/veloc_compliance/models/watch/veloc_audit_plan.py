from odoo import api, fields, models

from ...rules import audit_period

PERIODS = [
    ("weekly", "Weekly"),
    ("monthly", "Monthly"),
    ("quarterly", "Quarterly"),
    ("yearly", "Yearly"),
]


class VelocAuditPlan(models.Model):
    """What is looked into each week, month or quarter, by whom, and until when."""

    _name = "veloc.audit.plan"
    _description = "Audit plan"
    _inherit = ["mail.thread"]
    _order = "sequence, id"
    _veloc_ledger_fields = frozenset({"active", "period", "days", "owner_id"})
    _veloc_ledger_subject = None
    _veloc_ledger_kind = "config"

    name = fields.Char("Plan", required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    period = fields.Selection(PERIODS, required=True, default="monthly", tracking=True)
    days = fields.Integer(
        "Due after (days)",
        default=10,
        required=True,
        tracking=True,
        help="Days from the beginning of the period until it must be done.",
    )
    owner_id = fields.Many2one(
        "res.users",
        domain=[("share", "=", False)],
        tracking=True,
        help="Empty: an officer, in turn.",
    )
    purpose = fields.Text("What it is for", translate=True)
    article = fields.Char("Law or duty")
    begins_on = fields.Date(
        required=True, default=fields.Date.context_today, help="The first period."
    )
    question_ids = fields.One2many("veloc.audit.question", "plan_id", copy=True)
    audit_ids = fields.One2many("veloc.audit", "plan_id")
    audit_count = fields.Integer(compute="_compute_audit_count")

    _days_range = models.Constraint(
        "CHECK (days BETWEEN 1 AND 366)", "Between one day and one year."
    )

    # === COMPUTE === #

    @api.depends("audit_ids")
    def _compute_audit_count(self):
        for plan in self:
            plan.audit_count = len(plan.audit_ids)

    # === BUSINESS === #

    @api.model
    def _cron_generate(self):
        """Open the audits of the periods that have begun."""
        plans = self.search([("active", "=", True)])
        plans._generate(fields.Date.context_today(self))
        self.env["ir.cron"]._commit_progress(len(plans))

    def _generate(self, today):
        """Open what is missing, the periods that nobody audited included."""
        newest = {
            plan.id: first
            for plan, first in self.env["veloc.audit"]._read_group(
                [("plan_id", "in", self.ids)], ["plan_id"], ["period_start:max"]
            )
        }
        rows = []
        for plan in self:
            begun = audit_period.period_of(plan.period, plan.begins_on).first
            for period in audit_period.missing(
                plan.period, newest.get(plan.id), begun, today
            ):
                rows.append((plan, period))
        return self.env["veloc.audit"]._open_for(rows)

    # === ACTIONS === #

    def action_generate(self):
        """Open the audit of the present period now (button)."""
        self.check_access("write")
        # sudo: audits are made by their plan only; the right to plan was checked.
        self.sudo()._generate(fields.Date.context_today(self))
        return self.action_audits()

    def action_audits(self):
        """Open the audits of this plan (button)."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_compliance.veloc_audit_action"
        )
        action.update(domain=[("plan_id", "in", self.ids)], context={})
        return action
