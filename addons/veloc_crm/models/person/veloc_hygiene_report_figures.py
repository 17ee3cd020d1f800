from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL

from ...rules import hygiene_report

COVERAGE = """
SELECT measure, (array_agg(percent ORDER BY day DESC))[1] FROM veloc_data_quality
WHERE company_id = %(company)s AND total_count > 0
    AND day >= %(start)s AND day < %(end)s
GROUP BY measure
"""
ISSUES = """
SELECT kind, count(*) FILTER (WHERE found_at >= %(start)s),
    count(*) FILTER (WHERE closed_at >= %(start)s AND closed_at < %(end)s),
    count(*) FILTER (WHERE closed_at IS NULL OR closed_at >= %(end)s),
    count(*) FILTER (WHERE found_at < %(start)s
        AND (closed_at IS NULL OR closed_at >= %(start)s))
FROM veloc_data_issue WHERE company_id = %(company)s AND found_at < %(end)s
GROUP BY kind
"""
DOUBLES = """
SELECT count(*) FILTER (WHERE found_at >= %(start)s),
    count(*) FILTER (WHERE state = 'different' AND decided_at >= %(start)s
        AND decided_at < %(end)s),
    count(*) FILTER (WHERE state = 'linked' AND decided_at >= %(start)s
        AND decided_at < %(end)s),
    count(*) FILTER (WHERE decided_at IS NULL OR decided_at >= %(end)s)
FROM veloc_duplicate WHERE company_id = %(company)s AND found_at < %(end)s
"""
MERGES = """
SELECT count(*) FILTER (WHERE merged_at >= %(start)s AND merged_at < %(end)s),
    count(*) FILTER (WHERE state = 'undone' AND closed_at >= %(start)s
        AND closed_at < %(end)s)
FROM veloc_merge WHERE company_id = %(company)s
"""


class VelocHygieneReport(models.Model):
    """Counting: a constant number of statements, for any number of people."""

    _inherit = "veloc.hygiene.report"

    @api.model
    def _figures(self, company, month, start, end):
        """Return the figures of a month, JSON-safe, beside those of the one before."""
        self.env.flush_all()
        earlier, following = (month + relativedelta(months=n) for n in (-1, 1))
        spans = {"company": company.id, "start": start, "end": end}
        spans_before = {**spans, "start": self._bounds(earlier)[0], "end": start}
        days = {"company": company.id, "start": month, "end": following}
        days_before = {**days, "start": earlier, "end": month}
        tally = self.env["veloc.hygiene.tally"]
        return {
            "coverage": hygiene_report.coverage(
                self._shares(days), self._shares(days_before)
            ),
            "issues": hygiene_report.issues(
                self.env.execute_query(SQL(ISSUES, **spans))
            ),
            "doubles": hygiene_report.counts(
                hygiene_report.DOUBLES,
                self._doubles(spans),
                self._doubles(spans_before),
            ),
            "tidied": hygiene_report.counts(
                hygiene_report.TIDIED,
                tally._totals(company, month, following),
                tally._totals(company, earlier, month),
            ),
        }

    @api.model
    def _shares(self, days):
        return dict(self.env.execute_query(SQL(COVERAGE, **days)))

    @api.model
    def _doubles(self, span):
        (pairs,) = self.env.execute_query(SQL(DOUBLES, **span))
        (merges,) = self.env.execute_query(SQL(MERGES, **span))
        names = ("found", "different", "linked", "open", "merged", "undone")
        return dict(zip(names, (*pairs, *merges), strict=True))
