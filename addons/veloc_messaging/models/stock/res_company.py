from odoo import models

from .sms_api import VelocSmsApi


class ResCompany(models.Model):
    """Every company's texts leave through our outbox, whatever provider is set."""

    _inherit = "res.company"

    def _get_sms_api_class(self):
        return VelocSmsApi
