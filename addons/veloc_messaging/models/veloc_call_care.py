from odoo import fields, models


class VelocCall(models.Model):
    """Who calls sees first that the person is under care."""

    _inherit = "veloc.call"

    care_banner = fields.Text(related="partner_id.veloc_care_banner")
    is_grave = fields.Boolean(related="partner_id.veloc_is_grave")
