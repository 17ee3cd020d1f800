"""The funnel's memory: every stage a trader reached, and when."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..rules.lifecycle import ACTIVITY, INACTIVITY
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
    days_before = fields.Float(
        compute="_compute_days_before",
        digits=(16, 1),
        help="Days in the stage before.",
    )
    tier_id = fields.Many2one(related="trader_id.tier_id")
    source_id = fields.Many2one(related="trader_id.source_id")
    company_id = fields.Many2one("res.company", required=True, readonly=True)

    _milestone_unique = models.UniqueIndex(
        "(trader_id, stage) WHERE stage IN ('lead', 'signup', 'kyc', 'first_deposit')"
        " AND reason NOT IN ('reversal', 'reversed')",
        "A milestone is reached once.",
    )

    # === COMPUTE === #

    @api.depends("at", "trader_id")
    def _compute_days_before(self):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT e.id, extract(epoch FROM e.at - (
                    SELECT max(p.at) FROM veloc_lifecycle_event p
                    WHERE p.trader_id = e.trader_id AND p.at < e.at)) / 86400
                FROM veloc_lifecycle_event e WHERE e.id = ANY(%s)
                """,
                self.ids,
            )
        )
        days = dict(rows)
        for event in self:
            event.days_before = days.get(event.id) or 0

    @api.depends("reason", "at", "trader_id")
    @api.depends_context("lang")
    def _compute_reason_words(self):
        silent = self.filtered(lambda event: event.reason == INACTIVITY)
        days = silent._find_silence()
        for event in self:
            event.reason_words = event._say_reason(days.get(event.id))

    def _find_silence(self):
        """Return ``{id: days since the last deposit or trade before}``."""
        if not self.ids:
            return {}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT e.id, (e.at::date - last.at::date)
                FROM veloc_lifecycle_event e JOIN LATERAL (
                    SELECT r.at FROM veloc_trader_event_raw r
                    WHERE r.trader_id = e.trader_id AND r.at < e.at
                        AND r.type = ANY(%s)
                    ORDER BY r.at DESC LIMIT 1) last ON true
                WHERE e.id = ANY(%s)
                """,
                list(ACTIVITY),
                self.ids,
            )
        )
        return dict(rows)

    def _say_reason(self, silence=None):
        if self.reason == INACTIVITY and silence:
            return self.env._("Silence of %(days)s days", days=silence)
        if self.reason == INACTIVITY:
            return self.env._("Silence")
        if self.reason == "reversal":
            return self.env._("The first deposit was taken back")
        if self.reason == "reversed":
            return self.env._("First deposit, taken back later")
        return say_selection(self.env, "veloc.trader.event", "kind", self.reason)

    # === ACTIONS === #

    def action_open_cause(self):
        """Open what happened at that time, and the silence before it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_crm.veloc_trader_event_action"
        )
        domain = [("trader_id", "=", self.trader_id.id), ("at", "<=", self.at)]
        if self.reason != INACTIVITY:
            domain.append(("at", ">=", self.at))
        return {
            **action,
            "domain": domain,
            "context": {"veloc_one_trader": True},
        }
