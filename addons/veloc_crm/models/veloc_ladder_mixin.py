"""What tiers and VIP levels share: thresholds, a way to stay, and their people."""

from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..rules.tiers import ALL, ANY, METRICS, Rung

MOVED_WITHIN = timedelta(days=30)


class Columns(NamedTuple):
    """Where a ladder keeps a trader's place."""

    rung: str
    since: str
    review: str


class VelocLadderMixin(models.AbstractModel):
    """A rung of a ladder; its table is the ladder, from low to high."""

    _name = "veloc.ladder.mixin"
    _description = "Rung of a Ladder"
    _order = "sequence, id"

    # Of the trader, set by each ladder.
    _place_columns = Columns("", "", "")

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(
        default=10, help="Higher comes later: the highest rung reached wins."
    )
    color = fields.Integer()
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: for all companies.")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")

    deposit_total = fields.Monetary(
        string="Deposits From", help="Deposited, all told. Zero: not used."
    )
    deposit_total_90d = fields.Monetary(
        string="Deposits in 90 Days From", help="Zero: not used."
    )
    net_deposit = fields.Monetary(
        string="Net Deposits From",
        help="Deposited less withdrawn. Looked at by night only. Zero: not used.",
    )
    volume_30d = fields.Monetary(
        string="Volume in 30 Days From", help="Zero: not used."
    )
    volume_90d = fields.Monetary(
        string="Volume in 90 Days From", help="Zero: not used."
    )
    trades_30d = fields.Integer(string="Trades in 30 Days From", help="Zero: not used.")
    points = fields.Integer(
        string="Points From",
        help="Points of the last 90 days; the settings say what gives a point. "
        "Zero: not used.",
    )
    match = fields.Selection(
        [(ANY, "One is enough"), (ALL, "All of them")],
        string="Thresholds Needed",
        required=True,
        default=ANY,
    )
    stay_percent = fields.Integer(
        string="To Stay (%)",
        required=True,
        default=80,
        help="Whoever is in stays with this share of the thresholds.",
    )
    min_days = fields.Integer(
        string="At Least (Days)",
        required=True,
        default=30,
        help="Nobody falls sooner after having come.",
    )
    grace_days = fields.Integer(
        string="Warning (Days)",
        required=True,
        default=7,
        help="Between the day on which the numbers are too low and the fall.",
    )

    trader_count = fields.Integer(compute="_compute_board", string="Traders")
    review_count = fields.Integer(compute="_compute_board", string="Warned")
    risen_30d = fields.Integer(compute="_compute_board", string="Came in 30 Days")
    fallen_30d = fields.Integer(compute="_compute_board", string="Fell in 30 Days")
    net_deposit_sum = fields.Monetary(
        compute="_compute_board", string="Their Net Deposits"
    )
    volume_30d_sum = fields.Monetary(
        compute="_compute_board", string="Their Volume in 30 Days"
    )

    # === COMPUTE === #

    @api.depends("company_id")
    def _compute_currency_id(self):
        for rung in self:
            rung.currency_id = (rung.company_id or self.env.company).currency_id

    @api.depends_context("allowed_company_ids")
    def _compute_board(self):
        """Count people and moves: two queries for the whole board."""
        people, moves = self._count_people(), self._count_moves()
        for rung in self:
            own = people.get(rung.id, (0, 0, 0, 0))
            (
                rung.trader_count,
                rung.review_count,
                rung.net_deposit_sum,
                rung.volume_30d_sum,
            ) = own
            rung.risen_30d, rung.fallen_30d = moves.get(rung.id, (0, 0))

    def _count_people(self):
        """Return ``{id: (people, warned, net deposits, volume of 30 days)}``."""
        columns = self._place_columns
        rows = self.env["veloc.trader"]._read_group(
            [(columns.rung, "in", self.ids)],
            [columns.rung],
            ["__count", f"{columns.review}:count", "net_deposit:sum"],
        )
        volumes = dict(
            self.env.execute_query(
                SQL(
                    "SELECT t.%(rung)s, sum(s.volume_total_30)::float8"
                    " FROM veloc_trader t JOIN veloc_trader_state s ON s.id = t.id"
                    " WHERE t.%(rung)s = ANY(%(ids)s)"
                    " AND t.company_id = ANY(%(companies)s) GROUP BY 1",
                    rung=SQL.identifier(columns.rung),
                    ids=self.ids,
                    companies=self.env.companies.ids,
                )
            )
        )
        return {
            rung.id: (count, warned, net or 0, volumes.get(rung.id, 0))
            for rung, count, warned, net in rows
        }

    def _count_moves(self):
        """Return ``{id: (came up, fell out)}`` of the last 30 days."""
        rung = self._move_field()
        recent = [("at", ">", fields.Datetime.now() - MOVED_WITHIN)]
        history = self.env["veloc.tier.event"]
        up, down = (
            dict(
                history._read_group(
                    [*recent, ("direction", "=", direction), (field, "in", self.ids)],
                    [field],
                    ["__count"],
                )
            )
            for direction, field in (
                ("up", f"to_{rung}"),
                ("down", f"from_{rung}"),
            )
        )
        return {rung.id: (up.get(rung, 0), down.get(rung, 0)) for rung in self}

    # === CONSTRAINTS === #

    @api.constrains(*METRICS, "stay_percent", "min_days", "grace_days")
    def _check_numbers(self):
        for rung in self:
            if any(rung[name] < 0 for name in (*METRICS, "min_days", "grace_days")):
                raise ValidationError(
                    self.env._("Thresholds and days cannot be negative.")
                )
            if not 1 <= rung.stay_percent <= 100:
                raise ValidationError(
                    self.env._("To stay takes between 1 and 100 % of a threshold.")
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        rungs = super().create(vals_list)
        self._place_all()
        return rungs

    def write(self, vals):
        result = super().write(vals)
        if {*METRICS, "sequence", "active", "match", "company_id"} & vals.keys():
            self._place_all()
        return result

    # === BUSINESS === #

    def action_open_traders(self):
        """Return the list of the traders who stand here."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_crm.veloc_trader_action"
        )
        return {**action, "domain": [(self._place_columns.rung, "=", self.id)]}

    def action_try(self):
        """Open the ladder's thresholds to see who would go where with others."""
        self.check_access("write")
        return self.env["veloc.ladder.try"]._open(self._name)

    def action_open_moves(self):
        """Return the moves to and from here of the last 30 days."""
        self.ensure_one()
        field = self._move_field()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_crm.veloc_tier_event_action"
        )
        domain = ["|", (f"from_{field}", "=", self.id), (f"to_{field}", "=", self.id)]
        return {
            **action,
            "domain": domain,
            "context": {"search_default_recent": 1},
        }

    @api.model
    def _move_field(self):
        """Return how the history calls this ladder's rungs."""
        return "level_id" if self._place_columns.rung == "vip_level_id" else "tier_id"

    def _say_thresholds(self):
        """Return the thresholds in words, for people who ask why."""
        self.ensure_one()
        return ", ".join(
            f"{self._fields[name]._description_string(self.env)} {self[name]:g}"
            for name in METRICS
            if self[name]
        ) or self.env._("none, everybody is in")

    @api.model
    def _place_all(self):
        """Have the job look at everybody: the ladder has changed."""
        # sudo: whoever may edit the ladder may have the traders placed anew.
        self.env.ref("veloc_crm.ir_cron_retier").sudo()._trigger()

    @api.model
    def _get_ladder(self):
        """Return all rungs from low to high, as the rule wants them."""
        return [rung._prepare_rung() for rung in self.search([])]

    def _prepare_rung(self):
        self.ensure_one()
        return Rung(
            self.id,
            {name: Decimal(str(self[name])) for name in METRICS if self[name]},
            self.match,
            self.stay_percent,
            self.min_days,
            self.grace_days,
            self.company_id.id or None,
        )
