"""Tiers: how much a trader moves, in three words staff can act on."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .veloc_ladder_mixin import Columns


class VelocTier(models.Model):
    """A rung of the ladder with editable thresholds."""

    _name = "veloc.tier"
    _inherit = ["veloc.ladder.mixin"]
    _description = "Trader Tier"
    _veloc_ledger_fields = frozenset(
        {
            "active",
            "at_risk_days",
            "churned_days",
            "code",
            "company_id",
            "deposit_total",
            "deposit_total_90d",
            "grace_days",
            "match",
            "min_days",
            "name",
            "net_deposit",
            "sequence",
            "stay_percent",
            "trades_30d",
            "volume_30d",
        }
    )
    _veloc_ledger_kind = "config"
    _place_columns = Columns("tier_id", "tier_since", "tier_review_on")

    at_risk_days = fields.Integer(
        string="At Risk After (Days)",
        help="Days of silence. Zero: as in the settings.",
    )
    churned_days = fields.Integer(
        string="Churned After (Days)",
        help="Days of silence. Zero: as in the settings.",
    )
    trader_ids = fields.One2many("veloc.trader", "tier_id")

    _code_unique = models.Constraint("UNIQUE (code)", "Each tier has its own code.")

    # === CONSTRAINTS === #

    @api.constrains("at_risk_days", "churned_days")
    def _check_silence(self):
        for tier in self:
            risk, lost = tier.at_risk_days, tier.churned_days
            if risk < 0 or lost < 0 or bool(risk) != bool(lost) or risk > lost:
                raise ValidationError(
                    self.env._(
                        "Give both limits of silence, or none: a trader is at risk "
                        "after at least one day, and churned later."
                    )
                )
            if risk and risk == lost:
                raise ValidationError(
                    self.env._("A trader is at risk first, and churned later.")
                )

    # === CRUD === #

    def write(self, vals):
        result = super().write(vals)
        if {"at_risk_days", "churned_days"} & vals.keys():
            # sudo: whoever may edit a tier may have its limits take effect.
            self.env["veloc.trader"].sudo()._retime_stages()
        return result
