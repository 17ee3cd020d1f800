"""The provider on the account, and where a person is found."""

from odoo import api, fields, models
from odoo.tools import SQL


class VelocAccount(models.Model):
    _inherit = "veloc.account"

    provider = fields.Selection(
        selection_add=[("telegram", "Telegram")], ondelete={"telegram": "cascade"}
    )


class ResPartner(models.Model):
    _inherit = "res.partner"

    telegram_chat = fields.Char("Telegram chat")

    @api.model
    def _veloc_push_condition(self):
        return SQL("(%s OR p.telegram_chat > '')", super()._veloc_push_condition())


class VelocOutbox(models.AbstractModel):
    _inherit = "veloc.outbox"

    @api.model
    def _addresses(self, partners):
        addresses = super()._addresses(partners)
        for partner in partners.filtered("telegram_chat"):
            addresses[partner.id]["push"] = partner.telegram_chat
        return addresses
