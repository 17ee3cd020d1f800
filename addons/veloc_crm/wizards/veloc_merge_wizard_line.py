"""One field in which two records differ."""

from odoo import api, fields, models

from .veloc_merge_wizard import SIDES


class VelocMergeWizardLine(models.TransientModel):
    """The two values, the choice, and why it is suggested."""

    _name = "veloc.merge.wizard.line"
    _description = "Merge: One Field"

    wizard_id = fields.Many2one(
        "veloc.merge.wizard", required=True, ondelete="cascade", index=True
    )
    field_name = fields.Char(required=True, readonly=True)
    label = fields.Char("Field", compute="_compute_label")
    left_text = fields.Char("On the Left", readonly=True)
    right_text = fields.Char("On the Right", readonly=True)
    choice = fields.Selection(SIDES, "Take", required=True)
    suggested = fields.Selection(SIDES, readonly=True)
    why = fields.Char(readonly=True)

    @api.depends("field_name")
    @api.depends_context("lang")
    def _compute_label(self):
        partner = self.env["res.partner"]
        for line in self:
            field = partner._fields[line.field_name]
            line.label = field._description_string(self.env)
