from odoo import api, models


class VelocConsent(models.Model):
    """A revocation counts against the account that wrote last."""

    _inherit = "veloc.consent"

    @api.model_create_multi
    def create(self, vals_list):
        """Store, and count those who revoked."""
        consents = super().create(vals_list)
        by_channel = consents.filtered(lambda c: not c.granted).grouped("channel")
        # sudo: counts are written by the system, whoever records the word.
        objections_sudo = self.env["veloc.delivery.objection"].sudo()
        for channel, revoked in by_channel.items():
            objections_sudo._note("opt_out", channel, revoked.partner_id.ids)
        return consents
