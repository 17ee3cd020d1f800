"""The history of tiers and VIP levels: who moved where, when, and why."""

from odoo import api, fields, models
from odoo.tools import format_amount, formatLang

LADDERS = [("tier", "Tier"), ("vip", "VIP level")]
REASONS = [
    ("reached", "Threshold reached"),
    ("below", "Too little for too long"),
    ("corrected", "Correction by the broker"),
    ("ladder", "Ladder changed"),
]
MONEY = {
    "deposit_total",
    "deposit_total_90d",
    "net_deposit",
    "volume_30d",
    "volume_90d",
}


class VelocTierEvent(models.Model):
    """One move; written by SQL with the numbers that were seen, and never changed."""

    _name = "veloc.tier.event"
    _description = "Tier Move"
    _order = "at desc, id desc"
    _log_access = False

    trader_id = fields.Many2one(
        "veloc.trader", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    ladder = fields.Selection(LADDERS, required=True, readonly=True)
    from_tier_id = fields.Many2one("veloc.tier", readonly=True)
    to_tier_id = fields.Many2one("veloc.tier", readonly=True)
    from_level_id = fields.Many2one("veloc.vip.level", readonly=True)
    to_level_id = fields.Many2one("veloc.vip.level", readonly=True)
    direction = fields.Selection(
        [("up", "Up"), ("down", "Down")], required=True, readonly=True
    )
    at = fields.Datetime(string="Moved On", required=True, readonly=True, index=True)
    reason = fields.Selection(REASONS, required=True, readonly=True)
    seen = fields.Json(readonly=True, help="Each threshold's value and limit.")
    from_name = fields.Char(compute="_compute_words", string="From")
    to_name = fields.Char(compute="_compute_words", string="To")
    reason_words = fields.Char(compute="_compute_words", string="Because Of")

    # === COMPUTE === #

    @api.depends(
        "reason", "seen", "from_tier_id", "to_tier_id", "from_level_id", "to_level_id"
    )
    @api.depends_context("lang")
    def _compute_words(self):
        reasons = dict(self._fields["reason"]._description_selection(self.env))
        for event in self:
            event.from_name, event.to_name = event._get_names()
            numbers = ", ".join(event._say_numbers())
            event.reason_words = (
                f"{reasons[event.reason]}: {numbers}"
                if numbers
                else reasons[event.reason]
            )

    def _get_names(self):
        """Return the names of where the trader came from and went to."""
        nowhere = self.env._("None")
        if self.ladder == "vip":
            before, after = self.from_level_id, self.to_level_id
        else:
            before, after = self.from_tier_id, self.to_tier_id
        return before.name or nowhere, after.name or nowhere

    def _say_numbers(self):
        """Return what was compared, one sentence per threshold."""
        rungs = self.env["veloc.ladder.mixin"]._fields
        labels = {
            name: rungs[name]._description_string(self.env) for name in self.seen or {}
        }
        for name, (value, limit) in (self.seen or {}).items():
            yield self.env._(
                "%(threshold)s %(limit)s, seen %(value)s",
                threshold=labels[name],
                limit=self._format(name, limit),
                value=self._format(name, value),
            )

    def _format(self, name, number):
        if name in MONEY:
            return format_amount(self.env, float(number), self.currency_id)
        return formatLang(self.env, float(number), digits=0)

    @api.depends("trader_id", "to_name")
    def _compute_display_name(self):
        for event in self:
            event.display_name = f"{event.trader_id.display_name}: {event.to_name}"
