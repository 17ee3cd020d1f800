from dateutil.relativedelta import relativedelta

from odoo import api, fields, models


class VelocTrader(models.Model):
    """Whoever looks at a story learns which of its events are no longer here."""

    _inherit = "veloc.trader"

    archived_until = fields.Date(
        "Events Archived Until",
        compute="_compute_archived_until",
        help="Events before this day left for the archive; sums and dates stay.",
    )

    @api.depends("figures_id.first_event_at")
    def _compute_archived_until(self):
        # sudo: that a month was archived is no secret.
        latest = self.env["veloc.archive"].sudo()._last_archived()
        until = latest and latest + relativedelta(months=1)
        for trader in self:
            first = trader.figures_id.first_event_at
            is_older = until and first and first.date() < until
            trader.archived_until = until if is_older else False
