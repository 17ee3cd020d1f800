"""The funnel's memory: every stage a trader reached, and when."""

from odoo import api, fields, models

from ..rules.lifecycle import INACTIVITY
from ..words import say_selection
from .veloc_stage_mixin import STAGES


class VelocLifecycleEvent(models.Model):
    """Append-only. The first arrival at lead, signup, KYC and first deposit is one
    row per trader; late news may only tell an earlier date. A first deposit that is
    reversed stays in sight, and a line tells where its trader fell back to."""

    _name = "veloc.lifecycle.event"
    _inherit = ["veloc.stage.mixin"]
    _description = "Lifecycle Event"
    _order = "at desc, id desc"
    _log_access = False

    trader_id = fields.Many2one(
        "veloc.trader",
        string="Traders",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
        aggregator="count_distinct",
    )
    stage = fields.Selection(STAGES, required=True, readonly=True)
    from_stage = fields.Selection(STAGES, readonly=True)
    at = fields.Datetime(string="Reached On", required=True, readonly=True, index=True)
    reason = fields.Char(
        readonly=True, help="The type of the event that caused it, or inactivity."
    )
    reason_words = fields.Char(compute="_compute_reason_words", string="Because Of")
    tier_id = fields.Many2one(related="trader_id.tier_id")
    source_id = fields.Many2one(related="trader_id.source_id")
    company_id = fields.Many2one("res.company", required=True, readonly=True)

    _milestone_unique = models.UniqueIndex(
        "(trader_id, stage) WHERE stage IN ('lead', 'signup', 'kyc', 'first_deposit')"
        " AND reason NOT IN ('reversal', 'reversed')",
        "A milestone is reached once.",
    )

    # === COMPUTE === #

    @api.depends("reason")
    @api.depends_context("lang")
    def _compute_reason_words(self):
        for event in self:
            event.reason_words = event._say_reason()

    def _say_reason(self):
        if self.reason == INACTIVITY:
            return self.env._("Silence")
        if self.reason == "reversal":
            return self.env._("The first deposit was taken back")
        if self.reason == "reversed":
            return self.env._("First deposit, taken back later")
        return say_selection(self.env, "veloc.trader.event", "kind", self.reason)
