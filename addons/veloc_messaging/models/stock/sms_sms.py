from odoo import api, fields, models

from . import service_mark
from .sms_api import VelocSmsApi


class SmsSms(models.Model):
    """A stock text: it leaves through our outbox or not at all."""

    _inherit = "sms.sms"

    veloc_service = fields.Boolean(
        "Service message",
        readonly=True,
        copy=False,
        help="From a template that a messaging manager marked as service. Everything "
        "else counts as marketing.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Remember whether the code that makes the text may call it service."""
        is_service = service_mark.is_marked(self.env)
        return super().create(
            [{**vals, "veloc_service": is_service} for vals in vals_list]
        )

    def write(self, vals):
        """Keep the mark as it was made."""
        return super().write({k: v for k, v in vals.items() if k != "veloc_service"})

    def _send(self, unlink_failed=False, unlink_sent=True, raise_exception=False):
        """Hand over by company; the provider of Odoo's settings is not asked."""
        for company, texts in self.grouped(self._veloc_company).items():
            api_ = VelocSmsApi(texts.env)
            api_._set_company(company)
            texts._send_with_api(
                api_,
                unlink_failed=unlink_failed,
                unlink_sent=unlink_sent,
                raise_exception=raise_exception,
            )

    def _split_by_api(self):
        yield VelocSmsApi(self.env), self

    @api.model
    def _veloc_company(self, sms):
        return sms.mail_message_id.record_company_id or sms.env.company
