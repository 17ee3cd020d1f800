"""A click has its reader looked at, where a segment asks."""

from odoo import models


class VelocLinkClick(models.Model):
    """Opened, clicked."""

    _inherit = "veloc.link.click"

    def _store(self, link, request, verdict, now):
        result = super()._store(link, request, verdict, now)
        self.env["veloc.segment.engine"]._mark_readers_due([link["message_id"]])
        return result
