from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...rules import reporting_month

ZONE = "America/Sao_Paulo"


class VelocMonthlyReport(models.AbstractModel):
    """One report a company and month, made when the month is over, never changed.

    Who inherits it says in ``_prepare_report`` what a report holds, and declares that
    company and month are unique.
    """

    _name = "veloc.monthly.report"
    _description = "Monthly report"
    _order = "month desc, id desc"

    month = fields.Date(required=True, readonly=True, help="Its first day.")
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    made_at = fields.Datetime(required=True, readonly=True)
    remarks = fields.Integer("Points to look at", readonly=True)
    pdf = fields.Binary("PDF", attachment=True, readonly=True)
    pdf_name = fields.Char(readonly=True)
    pdf_hash = fields.Char("SHA-256 of the PDF", readonly=True)

    @api.depends("month", "company_id")
    def _compute_display_name(self):
        for report in self:
            month = report.month.strftime("%m/%Y") if report.month else ""
            report.display_name = f"{report.company_id.name} · {month}"

    # === CRUD === #

    def write(self, vals):
        """Refuse changes: only the conversation about it grows."""
        if set(vals) - {
            "message_follower_ids",
            "message_ids",
            "message_main_attachment_id",
        }:
            raise UserError(self.env._("A report that was made never changes."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _keep_reports(self):
        raise UserError(self.env._("Reports are kept."))

    # === MAKING === #

    @api.model
    def _make_missing(self):
        """Make the reports of past months that are missing; return them."""
        made = self.browse()
        for company, month in self._missing():
            made |= self._make(company, month)
        return made

    @api.model
    def _missing(self):
        """Return (company, first day) of the months that have no report yet."""
        last = reporting_month.month_before(fields.Datetime.now(), self._month_zone())
        companies = self.env["res.company"].search([("active", "=", True)], order="id")
        known = {
            (report.company_id.id, report.month)
            for report in self.search_fetch([], ["company_id", "month"])
        }
        return [
            (company, month)
            for company in companies
            for month in reporting_month.months_due(self._first(company, last), last)
            if (company.id, month) not in known
        ]

    def _first(self, company, last):
        """Return the first month that can have a report: when the company began."""
        began = company.create_date or datetime.now()
        return min(began.date().replace(day=1), last)

    @api.model
    def _make(self, company, month):
        """Store the report of a month and return it; empty if it is there already."""
        if not self._take(company, month):
            return self.browse()
        start, end = self._bounds(month)
        head = {"company_id": company.id, "month": month}
        head["made_at"] = fields.Datetime.now()
        return self.create(head | self._prepare_report(company, month, start, end))

    @api.model
    def _prepare_report(self, company, month, start, end):
        """Return the values of a report; ``start`` and ``end`` are naive UTC."""
        return {}

    @api.model
    def _bounds(self, month):
        """Return where a month begins and where the next one does, as naive UTC."""
        return reporting_month.bounds(month, self._month_zone())

    @api.model
    def _month_zone(self):
        """Return the name of the time zone in which months begin."""
        return ZONE

    def _take(self, company, month):
        """Return whether this report is ours to make: two servers make one."""
        self.env.cr.execute(
            SQL(
                "SELECT pg_try_advisory_xact_lock(hashtext(%s), %s)",
                self._name,
                company.id * 100_000 + month.year * 12 + month.month,
            )
        )
        (is_ours,) = self.env.cr.fetchone()
        domain = [("company_id", "=", company.id), ("month", "=", month)]
        return is_ours and not self.search_count(domain, limit=1)
