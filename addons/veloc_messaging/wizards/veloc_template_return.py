from odoo import fields, models


class VelocTemplateReturn(models.TransientModel):
    """Asks why a version is sent back to the person who wrote it."""

    _name = "veloc.template.return"
    _description = "Sending back of a template version"

    version_id = fields.Many2one(
        "veloc.template.version", required=True, ondelete="cascade"
    )
    reason = fields.Text("What should be changed, and why?", required=True)

    def action_send_back(self):
        """Send the version back with the reason, and close."""
        self.version_id.action_send_back(self.reason)
        return {"type": "ir.actions.act_window_close"}
