from odoo import models

from . import service_mark


class SmsComposer(models.TransientModel):
    """A text written from a service template, unchanged, is a service message."""

    _inherit = "sms.composer"

    def _action_send_sms(self):
        # Only our own code may mark: what a client put there is dropped.
        return super(SmsComposer, self._veloc_marked())._action_send_sms()

    def _veloc_marked(self):
        if service_mark.is_marked(self.env) or not self._veloc_is_service():
            return self
        return service_mark.marked(self)

    def _veloc_is_service(self):
        # sudo: the mark is read, and shown to managers only.
        template_sudo = self.template_id.sudo()
        if not template_sudo.veloc_is_service:
            return False
        if self.composition_mode != "comment":
            return self.body == self.template_id.body
        records = self._get_records()
        if records is None or len(records) != 1:
            return self.body == self.template_id.body
        written = template_sudo._render_field("body", records.ids, compute_lang=True)
        return self.body == written[records.id]
