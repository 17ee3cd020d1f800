"""What a VIP level brings: people and service, no money and no bonus."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

KINDS = [
    ("account_manager", "Account manager"),
    ("withdrawal", "Faster withdrawal"),
    ("report", "Report"),
    ("event", "Event invitation"),
    ("other", "Other service"),
]


class VelocVipBenefit(models.Model):
    """Granted from its level up; what draws people to trade waits for their good."""

    _name = "veloc.vip.benefit"
    _description = "VIP Benefit"
    _order = "level_sequence, sequence, id"
    _veloc_ledger_fields = frozenset(
        {
            "active",
            "amount_limit",
            "draws_to_trade",
            "kind",
            "level_id",
            "manager_ids",
            "max_traders",
            "monthly_limit",
            "name",
            "text",
        }
    )
    _veloc_ledger_kind = "config"

    name = fields.Char(required=True, translate=True)
    kind = fields.Selection(KINDS, required=True, default="other")
    level_id = fields.Many2one(
        "veloc.vip.level",
        string="From Level",
        required=True,
        ondelete="restrict",
        help="This level and all above have it.",
    )
    level_sequence = fields.Integer(
        related="level_id.sequence", string="Level Order", store=True
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(related="level_id.company_id", store=True)
    currency_id = fields.Many2one(related="level_id.currency_id")
    text = fields.Text(
        string="What It Is", translate=True, help="Words for the trader and for staff."
    )
    monthly_limit = fields.Integer(
        string="Times a Month", help="Zero: as often as wanted."
    )
    amount_limit = fields.Monetary(string="Up To", help="Zero: no limit.")
    draws_to_trade = fields.Boolean(
        string="Draws to Trading",
        help="Withheld from people who excluded themselves, cool off, reached a limit "
        "of their own, have an open complaint or are minors.",
    )
    manager_ids = fields.Many2many(
        "res.users",
        string="Managers",
        domain="[('share', '=', False)]",
        help="Each new VIP goes to the one who looks after the fewest.",
    )
    max_traders = fields.Integer(string="Traders per Manager", help="Zero: no limit.")
    grant_count = fields.Integer(compute="_compute_grant_count", string="Who Has It")

    _limits_positive = models.Constraint(
        "CHECK (monthly_limit >= 0 AND amount_limit >= 0 AND max_traders >= 0)",
        "Limits cannot be negative.",
    )

    # === COMPUTE === #

    def _compute_grant_count(self):
        counts = dict(
            self.env["veloc.vip.grant"]._read_group(
                [("benefit_id", "in", self.ids), ("until", "=", False)],
                ["benefit_id"],
                ["__count"],
            )
        )
        for benefit in self:
            benefit.grant_count = counts.get(benefit, 0)

    # === CONSTRAINTS === #

    @api.constrains("kind", "manager_ids")
    def _check_managers(self):
        for benefit in self:
            if benefit.manager_ids and benefit.kind != "account_manager":
                raise ValidationError(
                    self.env._("Only an account manager benefit names managers.")
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        benefits = super().create(vals_list)
        self.env["veloc.vip.level"]._place_all()
        return benefits

    def write(self, vals):
        result = super().write(vals)
        if {"active", "level_id", "manager_ids", "max_traders"} & vals.keys():
            self.env["veloc.vip.level"]._place_all()
        return result

    # === ACTIONS === #

    def action_open_grants(self):
        """Open who has this benefit, and since when."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_crm.veloc_vip_grant_action"
        )
        return {**action, "domain": [("benefit_id", "=", self.id)]}
