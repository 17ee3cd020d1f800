from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...demo import nights

SOLVED = """
INSERT INTO veloc_data_issue (partner_id, trader_id, company_id, kind, severity, state,
    found_at, closed_at)
SELECT t.partner_id, t.id, t.company_id, r.kind, '1', 'fixed',
    now() AT TIME ZONE 'UTC' - r.ago * '1 day'::interval,
    now() AT TIME ZONE 'UTC' - (r.ago - 9) * '1 day'::interval
FROM (
    SELECT kind, number, 20 + (number * 17) %% %(days)s AS ago
    FROM unnest(%(kinds)s::varchar[]) WITH ORDINALITY AS k (kind, number)
) r JOIN LATERAL (
    SELECT * FROM veloc_trader ORDER BY id OFFSET r.number * 3 LIMIT 1
) t ON true
"""


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
        # Odoo reads the words of selections after the demo; papers want them now.
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        self.env["ir.module.module"]._load_module_terms(["veloc_crm"], languages)
        today = fields.Date.today()
        for months, tidied in enumerate(nights.TIDIED, 1):
            month = today.replace(day=1) - relativedelta(months=months)
            self.env["veloc.hygiene.tally"]._add(month, tidied)
        for months in range(len(nights.TIDIED) - 1, 0, -1):
            month = today.replace(day=1) - relativedelta(months=months)
            self.env["veloc.hygiene.report"]._make(company, month)

    @api.model
    def _spread_findings(self):
        """Date findings and pairs back; of older ones some were put in order since."""
        self.env.flush_all()
        for table in ("veloc_data_issue", "veloc_duplicate"):
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET found_at = found_at"
                    " - id * %s %% %s * '1 day'::interval WHERE state = 'open'",
                    SQL.identifier(table),
                    nights.STRIDE,
                    nights.DAYS,
                )
            )
        self.env.cr.execute(SQL(SOLVED, kinds=list(nights.SOLVED), days=nights.DAYS))
        self.env.invalidate_all()
