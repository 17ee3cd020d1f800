from odoo import api, fields, models

PLACES = [
    ("day", "Sums of a day"),
    ("figures", "Figures"),
    ("trader", "Trader"),
]

MODELS = {
    "day": "veloc.trader.day",
    "figures": "veloc.trader.state",
    "trader": "veloc.trader",
}


class VelocStateRepair(models.Model):
    """A figure that the nightly proof found to differ from the events."""

    _name = "veloc.state.repair"
    _inherit = ["veloc.append.only"]
    _description = "Repaired Figure"
    _order = "at desc, id desc"
    _rec_name = "trader_id"

    at = fields.Datetime("Found On", required=True, readonly=True, index=True)
    trader_id = fields.Many2one(
        "veloc.trader", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    place = fields.Selection(PLACES, required=True, readonly=True)
    day = fields.Date("Broker's Day", readonly=True)
    name = fields.Char("Column", required=True, readonly=True)
    figure = fields.Char(compute="_compute_figure")
    was = fields.Char(readonly=True)
    is_now = fields.Char("Is", readonly=True)

    # === COMPUTE === #

    @api.depends("place", "name")
    @api.depends_context("lang")
    def _compute_figure(self):
        for repair in self:
            model = self.env[MODELS[repair.place]]
            labels = model.fields_get([repair.name], ["string"])
            repair.figure = labels.get(repair.name, {}).get("string", repair.name)
