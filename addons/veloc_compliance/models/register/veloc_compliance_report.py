import base64
import hashlib
import json
from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...report import compliance_report_pdf, compliance_report_xlsx
from ...rules import reporting_month

ZONE = "America/Sao_Paulo"
LANG = "pt_BR"


class VelocComplianceReport(models.Model):
    """The report of one month: what was done, what is open, with its numbers.

    Made once by the system, never changed; figures only, nobody's data.
    """

    _name = "veloc.compliance.report"
    _description = "Monthly compliance report"
    _inherit = ["mail.thread"]
    _order = "month desc, id desc"

    month = fields.Date(required=True, readonly=True, help="Its first day.")
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    made_at = fields.Datetime(required=True, readonly=True)
    figures = fields.Text(required=True, readonly=True, groups="base.group_no_one")
    remarks = fields.Integer("Points to look at", readonly=True)
    pdf = fields.Binary("PDF", attachment=True, readonly=True)
    pdf_name = fields.Char(readonly=True)
    pdf_hash = fields.Char("SHA-256 of the PDF", readonly=True)
    xlsx = fields.Binary("XLSX", attachment=True, readonly=True)
    xlsx_name = fields.Char(readonly=True)
    xlsx_hash = fields.Char("SHA-256 of the XLSX", readonly=True)

    _month_unique = models.UniqueIndex(
        "(company_id, month)", "This month has its report."
    )

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

    # === ACTIONS === #

    @api.model
    def action_make_missing(self):
        """Make the reports of past months that are missing (button)."""
        if not self.env.user.has_group("veloc_compliance.group_officer"):
            raise AccessError(self.env._("Only a compliance officer may do this."))
        # sudo: the officer was checked; reports count rows of every model.
        self.sudo()._make_missing()
        return True

    # === CRON === #

    @api.model
    def _cron_make(self):
        """Make the report of the month that is over; harmless when repeated."""
        cron = self.env["ir.cron"]
        for company, month in self._missing():
            self._make(company, month)
            if not cron._commit_progress(1):
                break

    def _make_missing(self):
        for company, month in self._missing():
            self._make(company, month)

    def _missing(self):
        """Return (company, first day) of the months that have no report yet."""
        last = reporting_month.month_before(fields.Datetime.now(), ZONE)
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

    def _make(self, company, month):
        """Store the report of a month and tell the officers; return it."""
        lang = LANG if self.env["res.lang"]._get_data(code=LANG) else "en_US"
        self = self.with_context(lang=lang).with_company(company)
        if not self._take(company, month):
            return self.browse()
        start, end = reporting_month.bounds(month, ZONE)
        sections = self._sections(company, start, end)
        head = self._prepare_head(company, month)
        files = {
            "pdf": compliance_report_pdf.render(head, sections),
            "xlsx": compliance_report_xlsx.render(head, sections),
        }
        report = self.create(self._prepare_report(company, month, sections, files))
        report._tell_officers()
        self.env["veloc.ledger.entry"]._note(
            "report", self._name, report.id, public={"pdf": report.pdf_hash}
        )
        return report

    def _take(self, company, month):
        """Return whether this report is ours to make: two servers make one."""
        self.env.cr.execute(
            SQL(
                "SELECT pg_try_advisory_xact_lock(hashtext('veloc.report'), %s)",
                company.id * 100_000 + month.year * 12 + month.month,
            )
        )
        (is_ours,) = self.env.cr.fetchone()
        domain = [("company_id", "=", company.id), ("month", "=", month)]
        return is_ours and not self.search_count(domain, limit=1)

    def _prepare_head(self, company, month):
        return {
            "title": self.env._("Monthly compliance report"),
            "company": company.name,
            "officer": company._veloc_officer_contact(),
            "month": month.strftime("%m/%Y"),
            "made": self.env._(
                "Made by the system on %(at)s (UTC). Figures only: no personal data.",
                at=fields.Datetime.now().strftime("%d/%m/%Y %H:%M"),
            ),
            "look": self.env._("To look at"),
            "lang": self.env.lang.replace("_", "-"),
        }

    def _prepare_report(self, company, month, sections, files):
        values = {
            "company_id": company.id,
            "month": month,
            "made_at": fields.Datetime.now(),
            "figures": json.dumps(sections, ensure_ascii=False),
            "remarks": sum(line["look"] for s in sections for line in s["lines"]),
        }
        for kind, content in files.items():
            values |= {
                kind: base64.b64encode(content),
                f"{kind}_name": f"veloc-{month:%Y-%m}.{kind}",
                f"{kind}_hash": hashlib.sha256(content).hexdigest(),
            }
        return values

    def _tell_officers(self):
        officers = self.env.ref("veloc_compliance.group_officer").all_user_ids
        people = officers.filtered(lambda user: not user.share and user.active)
        text = self.env._("The compliance report of %s is ready.", self.display_name)
        self.message_notify(partner_ids=people.partner_id.ids, body=text, subject=text)
