from odoo import api, fields, models
from odoo.exceptions import UserError

from ...rules import impact
from .veloc_impact_report import LEVELS

SCALE = [("1", "1"), ("2", "2"), ("3", "3"), ("4", "4"), ("5", "5")]


class VelocImpactRisk(models.Model):
    """One risk to people, before and after the measures against it."""

    _name = "veloc.impact.risk"
    _description = "Risk of an impact report"
    _order = "sequence, id"

    report_id = fields.Many2one(
        "veloc.impact.report", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    name = fields.Char("What could happen to people", required=True)
    likelihood = fields.Selection(SCALE, required=True, default="3")
    impact = fields.Selection(SCALE, required=True, default="3")
    level = fields.Selection(LEVELS, "Risk", compute="_compute_levels", store=True)
    measures = fields.Text("Measures against it")
    residual_likelihood = fields.Selection(
        SCALE, "Likelihood after", required=True, default="2"
    )
    residual_impact = fields.Selection(
        SCALE, "Impact after", required=True, default="2"
    )
    residual_level = fields.Selection(
        LEVELS, "Risk left", compute="_compute_levels", store=True
    )

    # === COMPUTE === #

    @api.depends("likelihood", "impact", "residual_likelihood", "residual_impact")
    def _compute_levels(self):
        for risk in self:
            numbers = risk._as_risk()
            risk.level = impact.level(numbers.likelihood, numbers.impact)
            risk.residual_level = impact.level(
                numbers.residual_likelihood, numbers.residual_impact
            )

    def _as_risk(self):
        """Return this risk as the rules read it."""
        return impact.Risk(
            likelihood=int(self.likelihood or 3),
            impact=int(self.impact or 3),
            residual_likelihood=int(self.residual_likelihood or 2),
            residual_impact=int(self.residual_impact or 2),
            measures=self.measures or "",
        )

    def _content(self):
        names = ("name", "likelihood", "impact", "measures")
        more = ("residual_likelihood", "residual_impact")
        return {name: self[name] or "" for name in (*names, *more)}

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Refuse risks added to an approved report."""
        risks = super().create(vals_list)
        risks._check_draft()
        return risks

    def write(self, vals):
        """Refuse to change the risks of an approved report."""
        self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _keep_what_was_approved(self):
        self._check_draft()

    def _check_draft(self):
        if self.report_id.filtered(lambda report: report.state != "draft"):
            raise UserError(
                self.env._("An approved report never changes: duplicate it.")
            )
