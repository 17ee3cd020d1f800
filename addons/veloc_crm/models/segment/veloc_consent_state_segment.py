"""A word about consent has the person looked at: conditions read it."""

from odoo import api, models


class VelocConsentState(models.Model):
    """Consents: yes, no, never asked."""

    _inherit = "veloc.consent.state"

    @api.model
    def _fold(self, consents):
        result = super()._fold(consents)
        self.env["veloc.segment.engine"]._mark_due(consents.partner_id.ids)
        return result
