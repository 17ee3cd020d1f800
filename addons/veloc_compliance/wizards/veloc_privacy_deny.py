from odoo import fields, models

from ..models.rights.veloc_privacy_request import GROUNDS


class VelocPrivacyDeny(models.TransientModel):
    """Refuse a request: never without a reason and its ground in law (art. 18 § 4)."""

    _name = "veloc.privacy.deny"
    _description = "Refuse a request"

    request_id = fields.Many2one("veloc.privacy.request", required=True, readonly=True)
    ground = fields.Selection(GROUNDS, "Legal ground", required=True)
    reason = fields.Text("Reason, as the person will read it", required=True)

    # === ACTIONS === #

    def action_deny(self):
        """Refuse, and write to the person if their identity was proven."""
        self.ensure_one()
        self.request_id._deny(self.ground, self.reason)
        return {"type": "ir.actions.act_window_close"}
