"""How long silence may last, for those who set it in the web client."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResConfigSettings(models.TransientModel):
    """The limits of the stages at risk and churned."""

    _inherit = "res.config.settings"

    veloc_at_risk_days = fields.Integer(
        "At risk after (days)", config_parameter="veloc_crm.at_risk_days", default=30
    )
    veloc_churned_days = fields.Integer(
        "Churned after (days)", config_parameter="veloc_crm.churned_days", default=90
    )

    veloc_point_volume = fields.Float(
        "Volume for a point",
        config_parameter="veloc_crm.point_volume",
        default=1000,
        help="Traded in the last 90 days, in the company's currency.",
    )
    veloc_point_deposit = fields.Float(
        "Deposits for a point",
        config_parameter="veloc_crm.point_deposit",
        default=10,
        help="Deposited in the last 90 days, in the company's currency.",
    )

    @api.constrains("veloc_point_volume", "veloc_point_deposit")
    def _check_veloc_points(self):
        for settings in self:
            if min(settings.veloc_point_volume, settings.veloc_point_deposit) <= 0:
                raise ValidationError(self.env._("A point takes an amount above zero."))

    @api.constrains("veloc_at_risk_days", "veloc_churned_days")
    def _check_veloc_days(self):
        for settings in self:
            if not 0 < settings.veloc_at_risk_days < settings.veloc_churned_days:
                raise ValidationError(
                    self.env._(
                        "A trader is at risk after at least one day, and churned later."
                    )
                )

    def set_values(self):
        """Keep the limits, and re-time who is waiting when they changed."""
        # sudo: whoever may save the settings may have them take effect.
        traders_sudo = self.env["veloc.trader"].sudo()
        before = traders_sudo._get_policy()
        tiers_sudo = self.env["veloc.ingest.tiers"].sudo()  # sudo: as above.
        worth = tiers_sudo._point_worth()
        result = super().set_values()
        if traders_sudo._get_policy() != before:
            traders_sudo._retime_stages()
        if tiers_sudo._point_worth() != worth:
            self.env["veloc.vip.level"]._place_all()
        return result
