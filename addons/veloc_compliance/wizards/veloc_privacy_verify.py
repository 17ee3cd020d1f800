from odoo import fields, models


class VelocPrivacyVerify(models.TransientModel):
    """Settle an identity: by the code the person reads out, or by what proves it."""

    _name = "veloc.privacy.verify"
    _description = "Settle an identity"

    request_id = fields.Many2one("veloc.privacy.request", required=True, readonly=True)
    code = fields.Char("Code they read out")
    proof = fields.Text(
        "Or what proved it", help="Which document, seen where; which mandate."
    )

    # === ACTIONS === #

    def action_verify(self):
        """Start the work on the request."""
        self.ensure_one()
        self.request_id._verify_by_desk(self.proof, self.code or "")
        return {"type": "ir.actions.act_window_close"}
