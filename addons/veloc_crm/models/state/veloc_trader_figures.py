from datetime import timedelta

from odoo import api, fields, models


class VelocTrader(models.Model):
    """A trader's figures, to be shown, searched and grouped by in lists."""

    _inherit = "veloc.trader"

    # Set by a trigger of the database, with the row it points to.
    figures_id = fields.Many2one(
        "veloc.trader.state", readonly=True, copy=False, ondelete="set null"
    )
    figures_as_of = fields.Date(related="figures_id.as_of")
    streak_current = fields.Integer(
        "Current Streak",
        compute="_compute_streak_current",
        help="Active days in a row until today or yesterday.",
    )

    deposit_count_7 = fields.Integer(related="figures_id.deposit_count_7")
    deposit_total_7 = fields.Monetary(related="figures_id.deposit_total_7")
    withdrawal_count_7 = fields.Integer(related="figures_id.withdrawal_count_7")
    withdrawal_total_7 = fields.Monetary(related="figures_id.withdrawal_total_7")
    trade_count_7 = fields.Integer(related="figures_id.trade_count_7")
    volume_total_7 = fields.Monetary(related="figures_id.volume_total_7")
    result_total_7 = fields.Monetary(related="figures_id.result_total_7")
    login_count_7 = fields.Integer(related="figures_id.login_count_7")
    active_days_7 = fields.Integer(related="figures_id.active_days_7")

    deposit_count_30 = fields.Integer(related="figures_id.deposit_count_30")
    deposit_total_30 = fields.Monetary(related="figures_id.deposit_total_30")
    withdrawal_count_30 = fields.Integer(related="figures_id.withdrawal_count_30")
    withdrawal_total_30 = fields.Monetary(related="figures_id.withdrawal_total_30")
    trade_count_30 = fields.Integer(related="figures_id.trade_count_30")
    volume_total_30 = fields.Monetary(related="figures_id.volume_total_30")
    result_total_30 = fields.Monetary(related="figures_id.result_total_30")
    login_count_30 = fields.Integer(related="figures_id.login_count_30")
    active_days_30 = fields.Integer(related="figures_id.active_days_30")

    deposit_count_90 = fields.Integer(related="figures_id.deposit_count_90")
    deposit_total_90 = fields.Monetary(related="figures_id.deposit_total_90")
    withdrawal_count_90 = fields.Integer(related="figures_id.withdrawal_count_90")
    withdrawal_total_90 = fields.Monetary(related="figures_id.withdrawal_total_90")
    trade_count_90 = fields.Integer(related="figures_id.trade_count_90")
    volume_total_90 = fields.Monetary(related="figures_id.volume_total_90")
    result_total_90 = fields.Monetary(related="figures_id.result_total_90")
    login_count_90 = fields.Integer(related="figures_id.login_count_90")
    active_days_90 = fields.Integer(related="figures_id.active_days_90")

    active_days = fields.Integer(related="figures_id.active_days")
    deposit_days = fields.Integer(related="figures_id.deposit_days")
    deposit_max = fields.Monetary(related="figures_id.deposit_max")
    first_deposit_day = fields.Date(related="figures_id.first_deposit_day")
    last_deposit_day = fields.Date(related="figures_id.last_deposit_day")
    first_active_day = fields.Date(related="figures_id.first_active_day")
    last_active_day = fields.Date(related="figures_id.last_active_day")
    last_trade_at = fields.Datetime(related="figures_id.last_trade_at")
    last_withdrawal_at = fields.Datetime(related="figures_id.last_withdrawal_at")
    login_count = fields.Integer(related="figures_id.login_count")
    streak_days = fields.Integer(related="figures_id.streak_days")
    streak_best = fields.Integer(related="figures_id.streak_best")

    rfm_r = fields.Integer(related="figures_id.rfm_r")
    rfm_f = fields.Integer(related="figures_id.rfm_f")
    rfm_m = fields.Integer(related="figures_id.rfm_m")
    p_alive = fields.Float(related="figures_id.p_alive")
    overdue_ratio = fields.Float(related="figures_id.overdue_ratio")
    churn_risk = fields.Float(related="figures_id.churn_risk")
    p_first_deposit = fields.Float(related="figures_id.p_first_deposit")
    p_next_deposit = fields.Float(related="figures_id.p_next_deposit")
    ltv = fields.Monetary(related="figures_id.ltv")
    ltv_simple = fields.Monetary(related="figures_id.ltv_simple")
    quality_issue_count = fields.Integer(related="figures_id.quality_issue_count")

    # === COMPUTE === #

    @api.depends("figures_id.streak_days", "figures_id.last_active_day")
    def _compute_streak_current(self):
        today = self.env["veloc.trader.state"]._broker_day(fields.Datetime.now())
        for trader in self:
            figures = trader.figures_id
            last = figures.last_active_day
            goes_on = last and last >= today - timedelta(days=1)
            trader.streak_current = figures.streak_days if goes_on else 0
