from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...demo import nights


class VelocDemo(models.AbstractModel):
    """Three nights that passed before, and the reports of the months before."""

    _inherit = "veloc.demo"

    @api.model
    def _load_nights(self):
        """Called from the demo data, last: the nights count what is there."""
        now = fields.Datetime.now()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        people = self.env["veloc.trader"].search_count([])
        for days, failing in nights.NIGHTS:
            started = midnight - timedelta(days=days) + nights.STARTS
            state = "failed" if failing else "done"
            run = self.env["veloc.nightly.run"].create(
                {"started_at": started, "state": state}
            )
            for code, seconds, counts in nights.steps(people):
                is_bad = code == failing
                error = nights.ERROR if is_bad else None
                run._note(code, seconds, {} if is_bad else counts, error)
            run.ended_at = started + timedelta(seconds=run.seconds)

    @api.model
    def _load_reports(self):
        """Called from the demo data: what was found is spread over two months."""
        company = self.env.company
        self._spread_findings()
        today = fields.Date.today()
        for months, tidied in enumerate(nights.TIDIED, 1):
            month = today.replace(day=1) - relativedelta(months=months)
            self.env["veloc.hygiene.tally"]._add(month, tidied)
        for months in range(len(nights.TIDIED) - 1, 0, -1):
            month = today.replace(day=1) - relativedelta(months=months)
            self.env["veloc.hygiene.report"]._make(company, month)

    @api.model
    def _spread_findings(self):
        """Date findings back; every fifth of the small ones was put in order since."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE veloc_data_issue"
                " SET found_at = found_at - id %% %s * '1 day'::interval",
                nights.DAYS,
            )
        )
        self.env.cr.execute(
            """
            UPDATE veloc_data_issue SET state = 'fixed', closed_at = found_at + '9 days'
            WHERE severity = '1' AND id % 5 = 0 AND found_at < now() - interval '9 days'
            """
        )
        self.env.invalidate_all()
        issues = self.env["veloc.data.issue"].search([])
        issues._count(issues.trader_id.ids)
