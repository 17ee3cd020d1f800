"""How many stand in each stage, and how long people stay there."""

from odoo import api, fields, models
from odoo.tools import drop_view_if_exists

from ..veloc_stage_mixin import STAGES

VIEW = """
CREATE VIEW veloc_stage_board AS
SELECT t.company_id * 10 + array_position(ARRAY['lead', 'signup', 'kyc',
           'first_deposit', 'active', 'at_risk', 'churned', 'won_back'],
           t.stage::text) AS id,
       t.company_id, t.stage, count(*)::int4 AS trader_count,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM
           (now() AT TIME ZONE 'UTC') - t.stage_since) / 86400)::float8 AS waiting_days,
       max(s.days)::float8 AS stayed_days
FROM veloc_trader t LEFT JOIN (
    SELECT e.company_id, e.from_stage, percentile_cont(0.5) WITHIN GROUP (
        ORDER BY extract(epoch FROM e.at - p.at) / 86400) AS days
    FROM veloc_lifecycle_event e CROSS JOIN LATERAL (
        SELECT max(b.at) AS at FROM veloc_lifecycle_event b
        WHERE b.trader_id = e.trader_id AND b.at < e.at) p
    WHERE e.from_stage IS NOT NULL
        AND e.at > (now() AT TIME ZONE 'UTC') - interval '90 days'
    GROUP BY 1, 2
) s ON s.company_id = t.company_id AND s.from_stage = t.stage
GROUP BY t.company_id, t.stage
"""


class VelocStageBoard(models.Model):
    """A view: counted when somebody looks."""

    _name = "veloc.stage.board"
    _inherit = ["veloc.stage.mixin"]
    _description = "Stage Board"
    _auto = False
    _log_access = False
    _order = "stage, id"
    _rec_name = "stage"

    company_id = fields.Many2one("res.company", readonly=True)
    stage = fields.Selection(STAGES, readonly=True)
    trader_count = fields.Integer(string="Traders", readonly=True)
    waiting_days = fields.Float(
        string="Days So Far",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Median of those who are in the stage now.",
    )
    stayed_days = fields.Float(
        string="Days Stayed",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Median of those who left the stage in the last 90 days.",
    )

    def init(self):
        """Make the view anew, once the tables it reads are there."""
        drop_view_if_exists(self.env.cr, "veloc_stage_board")
        self.pool.post_init(self.env.cr.execute, VIEW)

    @api.depends("stage")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["stage"]._description_selection(self.env))
        for line in self:
            line.display_name = labels[line.stage]

    def action_open_traders(self):
        """Return the list of the traders in this stage."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_crm.veloc_trader_action"
        )
        domain = [
            ("stage", "=", self.stage),
            ("company_id", "=", self.company_id.id),
        ]
        return {**action, "domain": domain}
