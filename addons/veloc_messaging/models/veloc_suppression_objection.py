from odoo import api, models

WORDS = {"opt_out", "channel_blocked"}


class VelocSuppression(models.Model):
    """A block that a person asked for counts against the account that wrote."""

    _inherit = "veloc.suppression"

    @api.model
    def _impose(self, partner_ids, kind, channel=None, source="", note="", until=None):
        """Impose, and count those who opted out."""
        result = super()._impose(partner_ids, kind, channel, source, note, until)
        if kind in WORDS and channel:
            # sudo: counts are written by the system, whoever notices the objection.
            objections_sudo = self.env["veloc.delivery.objection"].sudo()
            objections_sudo._note("opt_out", channel, list(partner_ids))
        return result
