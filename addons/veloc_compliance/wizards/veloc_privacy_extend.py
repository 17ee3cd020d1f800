from datetime import timedelta

from odoo import api, fields, models

from ..models.rights.veloc_privacy_request import EXTENSIONS


class VelocPrivacyExtend(models.TransientModel):
    """Move the term of a request, once at most as long as the law's own."""

    _name = "veloc.privacy.extend"
    _description = "Extend a term"

    request_id = fields.Many2one("veloc.privacy.request", required=True, readonly=True)
    until = fields.Datetime(
        "New term",
        required=True,
        compute="_compute_until",
        store=True,
        readonly=False,
    )
    reason = fields.Selection(EXTENSIONS, required=True)
    note = fields.Text("Why, as the person will read it", required=True)

    # === COMPUTE === #

    @api.depends("request_id")
    def _compute_until(self):
        for wizard in self:
            wizard.until = wizard.request_id.due_at + timedelta(days=5)

    # === ACTIONS === #

    def action_extend(self):
        """Move the term and write to the person."""
        self.ensure_one()
        self.request_id._extend(self.until, self.reason, self.note)
        return {"type": "ir.actions.act_window_close"}
