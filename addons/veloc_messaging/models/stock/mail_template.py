from odoo import fields, models

from . import service_mark


class MailTemplate(models.Model):
    """A mail that a messaging manager may mark as service."""

    _inherit = "mail.template"

    veloc_is_service = fields.Boolean(
        "Service message",
        copy=False,
        groups="veloc_messaging.group_manager",
        help="For notices that people wait for. Not marked, a mail to a person of ours "
        "counts as marketing and needs the person's consent.",
    )

    def send_mail_batch(self, res_ids, *args, **kwargs):
        """Mark the mails of a service template."""
        # sudo: the mark is read, and shown to managers only.
        is_service = self.sudo().veloc_is_service
        template = service_mark.marked(self) if is_service else self
        return super(MailTemplate, template).send_mail_batch(res_ids, *args, **kwargs)
