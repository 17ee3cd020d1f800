from odoo import fields, models
from odoo.exceptions import AccessError


class VelocConsentMatch(models.TransientModel):
    """Say whose a confirmed consent is, where several contacts share the address."""

    _name = "veloc.consent.match"
    _description = "Choose the contact of a consent"

    pending_id = fields.Many2one(
        "veloc.consent.pending", required=True, ondelete="cascade"
    )
    email = fields.Char(related="pending_id.email")
    partner_id = fields.Many2one(
        "res.partner",
        "Contact",
        required=True,
        domain="[('email_normalized', '=', email)]",
    )

    # === ACTIONS === #

    def action_match(self):
        """Record the consent for the contact chosen."""
        self.ensure_one()
        if not self.env.user.has_group("veloc_compliance.group_officer"):
            raise AccessError(self.env._("Only the encarregado may do this."))
        # sudo: consents are recorded by methods only; the role was checked.
        self.pending_id.sudo()._give_to(self.partner_id)
        return {"type": "ir.actions.act_window_close"}
