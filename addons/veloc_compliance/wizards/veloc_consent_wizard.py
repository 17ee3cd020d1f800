from odoo import fields, models
from odoo.exceptions import UserError

from ..const import CHANNELS


class VelocConsentWizard(models.TransientModel):
    """Record a word that was given by phone, in person or on paper."""

    _name = "veloc.consent.wizard"
    _description = "Record a consent"

    partner_id = fields.Many2one("res.partner", "Person", required=True)
    purpose_id = fields.Many2one(
        "veloc.purpose",
        required=True,
        domain="[('legal_basis', 'in', ['consent', 'legitimate_interest'])]",
    )
    channel = fields.Selection(CHANNELS, required=True)
    granted = fields.Boolean("Said yes")
    recorded_at = fields.Datetime(
        "Given at", required=True, default=fields.Datetime.now
    )
    evidence = fields.Text(
        required=True, help="How it was given, and where the proof is kept."
    )

    # === ACTIONS === #

    def action_record(self):
        """Record the word through the same door as programs."""
        self.ensure_one()
        item = {
            "partner_id": self.partner_id.id,
            "purpose": self.purpose_id.code,
            "channel": self.channel,
            "granted": self.granted,
            "source": "staff",
            "at": self.recorded_at,
            "evidence": self.evidence,
        }
        (answer,) = self.env["veloc.consent"].record([item])
        if "code" in answer:
            raise UserError(answer["message"])
        return {"type": "ir.actions.act_window_close"}
