"""Where a trader stands on the two ladders, and since when."""

from odoo import api, fields, models


class VelocTrader(models.Model):
    """Written by the tier job and with each batch of events, by SQL alone."""

    _inherit = "veloc.trader"

    trades_30d = fields.Integer(
        related="figures_id.trade_count_30", string="Trades in 30 Days"
    )
    tier_since = fields.Datetime(
        readonly=True, help="Empty: in this tier from the beginning."
    )
    tier_review_on = fields.Date(
        string="Tier at Stake On",
        readonly=True,
        help="The numbers no longer suffice: from this day on the trader may fall.",
    )
    tier_event_ids = fields.One2many(
        "veloc.tier.event", "trader_id", string="Tier History", readonly=True
    )
    vip_level_id = fields.Many2one("veloc.vip.level", string="VIP Level", readonly=True)
    vip_since = fields.Datetime(string="VIP Since", readonly=True)
    vip_review_on = fields.Date(
        string="VIP Level at Stake On",
        readonly=True,
        help="The numbers no longer suffice: from this day on the trader may fall.",
    )
    vip_points = fields.Float(
        compute="_compute_vip_points",
        digits=(16, 0),
        help="Of volume and deposits of the last 90 days, as the settings say.",
    )
    vip_grant_ids = fields.One2many(
        "veloc.vip.grant",
        "trader_id",
        string="Benefits",
        domain=[("until", "=", False)],
        readonly=True,
    )
    account_manager_id = fields.Many2one(
        "res.users", readonly=True, index="btree_not_null"
    )

    # === COMPUTE === #

    @api.depends("figures_id")
    def _compute_vip_points(self):
        volume, deposit = map(float, self.env["veloc.ingest.tiers"]._point_worth())
        for trader in self:
            trader.vip_points = (
                trader.volume_total_90 / volume + trader.deposit_total_90 / deposit
            )
