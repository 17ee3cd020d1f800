from odoo import fields, models


class VelocPrivacyConfirm(models.TransientModel):
    """Close the word to a recipient: they confirmed, or it cannot be done."""

    _name = "veloc.privacy.confirm"
    _description = "Close the word to a recipient"

    propagation_id = fields.Many2one(
        "veloc.privacy.propagation", required=True, readonly=True
    )
    outcome = fields.Selection(
        [
            ("acknowledged", "They confirmed"),
            ("impossible", "Impossible or disproportionate (art. 18 § 6)"),
        ],
        required=True,
        default="acknowledged",
    )
    reference = fields.Text("Their reference, or the reason", required=True)

    # === ACTIONS === #

    def action_confirm(self):
        """Close it; the person's particulars in it are removed."""
        self.ensure_one()
        words_sudo = self.propagation_id._by_desk()
        if self.outcome == "impossible":
            words_sudo._declare_impossible(self.reference)
        else:
            words_sudo._acknowledge(self.reference)
        return {"type": "ir.actions.act_window_close"}
