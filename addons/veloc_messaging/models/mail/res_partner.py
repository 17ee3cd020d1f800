from odoo import models


class ResPartner(models.Model):
    """A new address has not bounced yet."""

    _inherit = "res.partner"

    def write(self, vals):
        """Open e-mail again for whoever got another address; only that block goes."""
        if "email" not in vals:
            return super().write(vals)
        before = {partner.id: partner.email_normalized for partner in self}
        result = super().write(vals)
        moved = self.filtered(lambda p: p.email_normalized != before[p.id])
        if moved:
            self.env["veloc.suppression"]._lift(
                moved.ids,
                "channel_blocked",
                source="address_changed",
                channel="email",
                only_sources=("bounce",),
            )
        return result
