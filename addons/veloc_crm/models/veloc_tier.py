"""Tiers: how much a trader moves, in three words staff can act on."""

from decimal import Decimal

from odoo import api, fields, models

from ..rules.tiers import Threshold


class VelocTier(models.Model):
    """A rung of the ladder with editable thresholds."""

    _name = "veloc.tier"
    _description = "Trader Tier"
    _veloc_ledger_fields = frozenset(
        {"active", "code", "company_id", "deposit_total", "name", "sequence"}
    )
    _veloc_ledger_kind = "config"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(
        default=10, help="Higher comes later: the highest tier reached wins."
    )
    color = fields.Integer()
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: for all companies.")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    deposit_total = fields.Monetary(
        string="Deposits From",
        help="A trader with at least this much deposited, all told, is in. "
        "Zero: not used.",
    )
    trades_30d = fields.Integer(
        string="Trades in 30 Days From",
        help="A trader with at least this many trades in the last 30 days is in. "
        "Zero: not used.",
    )
    trader_ids = fields.One2many("veloc.trader", "tier_id")
    trader_count = fields.Integer(compute="_compute_trader_count", string="Traders")

    _code_unique = models.Constraint("UNIQUE (code)", "Each tier has its own code.")
    _thresholds_positive = models.Constraint(
        "CHECK (deposit_total >= 0 AND trades_30d >= 0)",
        "Thresholds cannot be negative.",
    )

    # === COMPUTE === #

    @api.depends("company_id")
    def _compute_currency_id(self):
        for tier in self:
            tier.currency_id = (tier.company_id or self.env.company).currency_id

    @api.depends("trader_ids")
    def _compute_trader_count(self):
        counts = dict(
            self.env["veloc.trader"]._read_group(
                [("tier_id", "in", self.ids)], ["tier_id"], ["__count"]
            )
        )
        for tier in self:
            tier.trader_count = counts.get(tier, 0)

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        tiers = super().create(vals_list)
        self._retier_all()
        return tiers

    def write(self, vals):
        result = super().write(vals)
        if {"deposit_total", "trades_30d", "sequence", "active"} & vals.keys():
            self._retier_all()
        return result

    # === BUSINESS === #

    def action_open_traders(self):
        """Return the list of this tier's traders."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_crm.veloc_trader_action"
        )
        return {**action, "domain": [("tier_id", "=", self.id)]}

    @api.model
    def _retier_all(self):
        """Have the tier job look at everybody: the ladder has changed."""
        # sudo: whoever may edit tiers may have their traders sorted anew.
        if self.env["veloc.trader"].sudo()._mark_tiers_stale():
            self.env.ref("veloc_crm.ir_cron_retier").sudo()._trigger()

    @api.model
    def _get_ladder(self):
        """Return the thresholds from low to high, as the rule wants them."""
        return [
            Threshold(tier.id, Decimal(str(tier.deposit_total)), tier.trades_30d)
            for tier in self.search([])
        ]
