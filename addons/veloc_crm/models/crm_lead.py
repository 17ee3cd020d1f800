"""An opportunity shows which trader it is about."""

from odoo import fields, models


class CrmLead(models.Model):
    """Through the contact; nothing is copied."""

    _inherit = "crm.lead"
    _veloc_ledger_fields = frozenset(
        {
            "contact_name",
            "email_from",
            "name",
            "partner_id",
            "partner_name",
            "phone",
            "stage_id",
            "user_id",
        }
    )
    _veloc_ledger_subject = "partner_id"
    _veloc_ledger_reads = True

    veloc_trader_id = fields.Many2one(
        related="partner_id.veloc_trader_id", groups="veloc_crm.group_user"
    )
    veloc_stage = fields.Selection(
        related="partner_id.veloc_stage",
        string="Trader Stage",
        groups="veloc_crm.group_user",
    )
    veloc_tier_id = fields.Many2one(
        related="partner_id.veloc_tier_id",
        string="Trader Tier",
        groups="veloc_crm.group_user",
    )
    veloc_last_activity_at = fields.Datetime(
        related="partner_id.veloc_last_activity_at",
        string="Last Trading Activity",
        groups="veloc_crm.group_user",
    )
    veloc_net_deposit = fields.Monetary(
        related="partner_id.veloc_net_deposit",
        string="Net Deposits",
        currency_field="veloc_currency_id",
        groups="veloc_crm.group_user",
    )
    veloc_currency_id = fields.Many2one(
        related="partner_id.veloc_currency_id",
        string="Trader Currency",
        groups="veloc_crm.group_user",
    )
