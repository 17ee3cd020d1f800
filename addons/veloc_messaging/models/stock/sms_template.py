from odoo import fields, models


class SmsTemplate(models.Model):
    """A text that a messaging manager may mark as service."""

    _inherit = "sms.template"

    veloc_is_service = fields.Boolean(
        "Service message",
        copy=False,
        groups="veloc_messaging.group_manager",
        help="For notices that people wait for. Not marked, a text counts as "
        "marketing and needs the person's consent.",
    )
