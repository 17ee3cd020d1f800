from odoo import fields, models


class MailNotification(models.Model):
    """The chatter may say that a text was refused, as Odoo's texts themselves do."""

    _inherit = "mail.notification"

    failure_type = fields.Selection(
        selection_add=[("sms_blacklist", "Blacklisted"), ("sms_optout", "Opted Out")]
    )
