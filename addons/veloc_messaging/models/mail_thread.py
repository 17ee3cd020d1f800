from odoo import api, models


class MailThread(models.AbstractModel):
    """Bounces, complaints and answers to our e-mails never become Odoo threads."""

    _inherit = "mail.thread"

    @api.model
    def message_route(self, message, message_dict, *args, **kwargs):
        """Take what is about a message of ours; the rest goes Odoo's own way.

        Both the fetching job and the gateway script of the mail server pass here.
        """
        # sudo: the gateway's user has no rights here; the mail proves by a signed
        # address or an id nobody can guess which message it is about.
        if self.env["veloc.mail.intake"].sudo()._take(message):
            return []
        return super().message_route(message, message_dict, *args, **kwargs)
