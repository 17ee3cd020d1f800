"""A contact that is a trader shows it."""

from odoo import api, fields, models


class ResPartner(models.Model):
    """The trader's state beside the person; nothing is copied."""

    _inherit = "res.partner"

    veloc_trader_ids = fields.One2many(
        "veloc.trader", "partner_id", string="Traders", groups="veloc_crm.group_user"
    )
    veloc_trader_id = fields.Many2one(
        "veloc.trader",
        string="Trader",
        compute="_compute_veloc_trader_id",
        search="_search_veloc_trader_id",
        groups="veloc_crm.group_user",
    )
    veloc_stage = fields.Selection(
        related="veloc_trader_id.stage", groups="veloc_crm.group_user"
    )
    veloc_tier_id = fields.Many2one(
        related="veloc_trader_id.tier_id", groups="veloc_crm.group_user"
    )
    veloc_last_activity_at = fields.Datetime(
        related="veloc_trader_id.last_activity_at", groups="veloc_crm.group_user"
    )
    veloc_net_deposit = fields.Monetary(
        related="veloc_trader_id.net_deposit",
        currency_field="veloc_currency_id",
        groups="veloc_crm.group_user",
    )
    veloc_currency_id = fields.Many2one(
        related="veloc_trader_id.currency_id", groups="veloc_crm.group_user"
    )

    # The nightly look at data asks how many people share a phone.
    _veloc_phone_idx = models.Index(
        "(phone_sanitized) WHERE phone_sanitized IS NOT NULL"
    )

    # === COMPUTE === #

    @api.depends("veloc_trader_ids")
    def _compute_veloc_trader_id(self):
        for partner in self:
            partner.veloc_trader_id = partner.veloc_trader_ids[:1]

    def _search_veloc_trader_id(self, operator, value):
        return [("veloc_trader_ids", operator, value)]

    # === ACTIONS === #

    def action_open_trader(self):
        """Return the trader's form."""
        self.ensure_one()
        return self.veloc_trader_id._get_records_action()
