from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ..rules import call_outcome


class VelocCallBack(models.TransientModel):
    """When does this person want to be called?"""

    _name = "veloc.call.back"
    _description = "Call back at"

    call_id = fields.Many2one("veloc.call", required=True)
    call_at = fields.Datetime(
        "Call at",
        required=True,
        default=lambda self: fields.Datetime.now() + timedelta(hours=1),
    )
    note = fields.Text()

    def action_save(self):
        """Let the task come back at that time (button)."""
        self.ensure_one()
        if self.call_at <= fields.Datetime.now():
            raise UserError(self.env._("Choose a time to come."))
        self.call_id._finish(call_outcome.CALL_BACK, call_back_at=self.call_at)
        if self.note:
            # sudo: _finish checked that the caller may work on this call.
            self.call_id.sudo().note = self.note
        return {"type": "ir.actions.act_window_close"}
