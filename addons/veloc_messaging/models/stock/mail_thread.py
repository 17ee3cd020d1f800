from odoo import models

from . import service_mark


class MailThread(models.AbstractModel):
    """Texts that code sends with a service template are service messages."""

    _inherit = "mail.thread"

    def _message_sms_with_template(
        self,
        template=False,
        template_xmlid=False,
        template_fallback="",
        partner_ids=False,
        **kwargs,
    ):
        found = template or (
            template_xmlid and self.env.ref(template_xmlid, raise_if_not_found=False)
        )
        # sudo: the mark is read, and shown to managers only.
        is_service = bool(found) and found.sudo().veloc_is_service
        records = service_mark.marked(self) if is_service else self
        return super(MailThread, records)._message_sms_with_template(
            template=template,
            template_xmlid=template_xmlid,
            template_fallback=template_fallback,
            partner_ids=partner_ids,
            **kwargs,
        )
