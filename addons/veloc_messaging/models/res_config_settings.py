from odoo import fields, models

PREFIX = "veloc_messaging."


class ResConfigSettings(models.TransientModel):
    """What the broker says about itself in every message."""

    _inherit = "res.config.settings"

    veloc_broker_name = fields.Char(
        "Name in messages", config_parameter=f"{PREFIX}broker_name"
    )
    veloc_support_phone = fields.Char(
        "Support phone", config_parameter=f"{PREFIX}support_phone"
    )
    veloc_support_email = fields.Char(
        "Support e-mail", config_parameter=f"{PREFIX}support_email"
    )
    veloc_site_url = fields.Char("Site", config_parameter=f"{PREFIX}site_url")
    veloc_login_url = fields.Char("Log-in page", config_parameter=f"{PREFIX}login_url")
    veloc_deposit_url = fields.Char(
        "Deposit page", config_parameter=f"{PREFIX}deposit_url"
    )
    veloc_support_url = fields.Char(
        "Help page", config_parameter=f"{PREFIX}support_url"
    )
    veloc_risk_notice_pt = fields.Char(
        "Risk notice in Portuguese", config_parameter=f"{PREFIX}risk_notice_pt_BR"
    )
    veloc_risk_notice_en = fields.Char(
        "Risk notice in English", config_parameter=f"{PREFIX}risk_notice_en_US"
    )
    veloc_two_person_approval = fields.Boolean(
        related="company_id.veloc_two_person_approval", readonly=False
    )
