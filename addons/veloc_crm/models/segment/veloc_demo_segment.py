"""Demo: every segment is filled, and one static list has people."""

from odoo import api, fields, models


class VelocDemo(models.AbstractModel):
    """Runs after the people and what they did are there."""

    _inherit = "veloc.demo"

    @api.model
    def _load(self):
        result = super()._load()
        self._fill_segments()
        return result

    @api.model
    def _fill_segments(self):
        now, segments = fields.Datetime.now(), self.env["veloc.segment"]
        traders = self.env["veloc.trader"].search([("deposit_count", ">", 1)], limit=8)
        fair = segments.create(
            {"name": "Evento em São Paulo", "code": "demo_fair", "kind": "static"}
        )
        engine = self.env["veloc.segment.engine"]
        engine._change_list(fair, traders.ids, [], now)
        while engine._pass_fill(now):
            pass
        self.env["veloc.segment.size"]._note(
            segments.search([("active", "=", True)]).ids, now
        )
