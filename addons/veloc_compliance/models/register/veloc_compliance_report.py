import base64
import hashlib
import json

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...report import compliance_report_pdf, compliance_report_xlsx

LANG = "pt_BR"


class VelocComplianceReport(models.Model):
    """The report of one month: what was done, what is open, with its numbers.

    Made once by the system, never changed; figures only, nobody's data.
    """

    _name = "veloc.compliance.report"
    _description = "Monthly compliance report"
    _inherit = ["veloc.monthly.report", "mail.thread"]

    figures = fields.Text(required=True, readonly=True, groups="base.group_no_one")
    xlsx = fields.Binary("XLSX", attachment=True, readonly=True)
    xlsx_name = fields.Char(readonly=True)
    xlsx_hash = fields.Char("SHA-256 of the XLSX", readonly=True)

    _month_unique = models.UniqueIndex(
        "(company_id, month)", "This month has its report."
    )

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

    @api.model
    def _make(self, company, month):
        """Store the report of a month and tell the officers; return it."""
        lang = LANG if self.env["res.lang"]._get_data(code=LANG) else "en_US"
        self = self.with_context(lang=lang).with_company(company)
        report = super()._make(company, month)
        if report:
            report._tell_officers()
            self.env["veloc.ledger.entry"]._note(
                "report", self._name, report.id, public={"pdf": report.pdf_hash}
            )
        return report

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

    @api.model
    def _prepare_report(self, company, month, start, end):
        sections = self._sections(company, start, end)
        head = self._prepare_head(company, month)
        files = {
            "pdf": compliance_report_pdf.render(head, sections),
            "xlsx": compliance_report_xlsx.render(head, sections),
        }
        values = {
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
