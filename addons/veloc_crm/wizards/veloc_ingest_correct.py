import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import NO_ACCESS


class VelocIngestCorrect(models.TransientModel):
    """A dead row put right by hand; what is written here is sealed like the row."""

    _name = "veloc.ingest.correct"
    _description = "Correct a Dead Row"

    reject_id = fields.Many2one(
        "veloc.ingest.reject", required=True, readonly=True, ondelete="cascade"
    )
    message = fields.Char(related="reject_id.message")
    row_text = fields.Text("As it came", related="reject_id.row_text")
    event = fields.Text(
        "As it should be", compute="_compute_event", inverse="_inverse_event"
    )
    event_sealed = fields.Char(readonly=True, groups=NO_ACCESS)

    @api.depends("reject_id", "event_sealed")
    def _compute_event(self):
        keyring = self.env["veloc.keyring"]
        for wizard in self:
            # sudo: the sealed column is closed to everybody, its own user included.
            sealed = wizard.sudo().event_sealed
            if sealed:
                wizard.event = keyring._open(wizard._place(), sealed).decode()
            else:
                wizard.reject_id._check_analyst()
                draft = wizard.reject_id._draft()
                wizard.event = json.dumps(draft, indent=2, ensure_ascii=False)

    def _inverse_event(self):
        for wizard in self:
            plain = (wizard.event or "").encode()
            # sudo: as above.
            wizard.sudo().event_sealed = wizard.env["veloc.keyring"]._seal(
                wizard._place(), plain
            )

    def _place(self):
        return f"{self._table}|event|{self.reject_id.id}"

    def action_store(self):
        """Hand the corrected event in (button)."""
        self.ensure_one()
        self.check_access("write")
        try:
            event = json.loads(self.event or "")
        except ValueError as error:
            raise UserError(
                self.env._("This is no JSON: look at the commas and quotes.")
            ) from error
        if not isinstance(event, dict):
            raise UserError(self.env._("One event, in curly brackets, please."))
        self.reject_id._correct(event)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The corrected row was stored."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
