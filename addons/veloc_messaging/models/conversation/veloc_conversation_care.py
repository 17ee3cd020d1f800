from odoo import fields, models


class VelocConversation(models.Model):
    """Who answers sees first that the person is under care."""

    _inherit = "veloc.conversation"

    care_banner = fields.Text(related="partner_id.veloc_care_banner")
    is_grave = fields.Boolean(related="partner_id.veloc_is_grave")
