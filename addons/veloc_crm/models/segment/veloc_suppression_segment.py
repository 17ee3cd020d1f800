"""A protection has the person looked at: conditions read it."""

from odoo import api, models


class VelocSuppression(models.Model):
    """Protections: imposed and ended."""

    _inherit = "veloc.suppression"

    @api.model
    def _impose(self, partner_ids, *args, **more):
        result = super()._impose(partner_ids, *args, **more)
        self.env["veloc.segment.engine"]._mark_due(partner_ids)
        return result

    def _end(self, source, note):
        result = super()._end(source, note)
        self.env["veloc.segment.engine"]._mark_due(self.partner_id.ids)
        return result
