"""What happened to the data of one month: tidied, found, merged, solved, covered."""

import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools.misc import formatLang

from ...report import hygiene_report_pdf

LANG = "pt_BR"
UNKNOWN = "\N{EN DASH}"


class VelocHygieneReport(models.Model):
    """The figures of a month as counted then; words come with the reader's language."""

    _name = "veloc.hygiene.report"
    _description = "Monthly report on the data"
    _inherit = ["veloc.monthly.report"]

    figures = fields.Json(readonly=True)
    page = fields.Html(compute="_compute_page", sanitize=False)

    _month_unique = models.UniqueIndex(
        "(company_id, month)", "This month has its report."
    )

    # === COMPUTE === #

    @api.depends("figures")
    @api.depends_context("lang")
    def _compute_page(self):
        for report in self:
            report.page = self.env["ir.qweb"]._render(
                "veloc_crm.veloc_hygiene_report_page",
                {"tables": self._tables(report.figures or {})},
            )

    # === ACTIONS === #

    @api.model
    def action_make_missing(self):
        """Make the reports of past months that are missing (button)."""
        if not self.env.user.has_group("veloc_crm.group_analyst"):
            raise AccessError(
                self.env._("Only analysts and managers make this report.")
            )
        # sudo: who asks was checked; reports count rows and show nobody.
        made = self.sudo()._make_missing()
        if made:
            return {"type": "ir.actions.client", "tag": "soft_reload"}
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("Every month that is over has its report."),
            },
        }

    # === MAKING === #

    @api.model
    def _make(self, company, month):
        lang = LANG if self.env["res.lang"]._get_data(code=LANG) else "en_US"
        self = self.with_context(lang=lang).with_company(company)
        return super()._make(company, month)

    @api.model
    def _prepare_report(self, company, month, start, end):
        figures = self._figures(company, month, start, end)
        tables = self._tables(figures)
        pdf = hygiene_report_pdf.render(self._prepare_head(company, month), tables)
        return {
            "figures": figures,
            "remarks": sum(row["worse"] for table in tables for row in table["rows"]),
            "pdf": base64.b64encode(pdf),
            "pdf_name": f"veloc-data-{month:%Y-%m}.pdf",
            "pdf_hash": hashlib.sha256(pdf).hexdigest(),
        }

    @api.model
    def _month_zone(self):
        return self.env["veloc.ingest.fold"]._get_zone().key

    @api.model
    def _prepare_head(self, company, month):
        return {
            "title": self.env._("The state of our data"),
            "company": company.name,
            "month": month.strftime("%m/%Y"),
            "made": self.env._(
                "Made by the system on %(at)s (UTC). Figures only: no personal data.",
                at=fields.Datetime.now().strftime("%d/%m/%Y %H:%M"),
            ),
            "look": self.env._("to look at"),
            "lang": self.env.lang.replace("_", "-"),
        }

    # === WORDS === #

    @api.model
    def _tables(self, figures):
        """Return the tables of a report in the reader's words."""
        return [
            self._table_coverage(figures.get("coverage", [])),
            self._table_issues(figures.get("issues", [])),
            self._table_counts(
                self.env._("Duplicates"),
                figures.get("doubles", []),
                {
                    "found": self.env._("Pairs found"),
                    "merged": self.env._("Pairs merged"),
                    "undone": self.env._("Merges undone"),
                    "different": self.env._("Refused: two people"),
                    "linked": self.env._("Refused: linked, not the same"),
                    "open": self.env._("Waiting for a decision at the end"),
                },
            ),
            self._table_counts(
                self.env._("Written better on entry"),
                figures.get("tidied", []),
                {
                    "name": self.env._("Names"),
                    "email": self.env._("E-mail addresses"),
                    "phone": self.env._("Phone numbers"),
                    "street": self.env._("Streets"),
                    "zip": self.env._("CEPs"),
                    "city": self.env._("Cities"),
                },
                self.env._("Each value that was told is counted, not each person."),
            ),
        ]

    def _table_coverage(self, lines):
        words = dict(
            self.env["veloc.data.quality"]
            ._fields["measure"]
            ._description_selection(self.env)
        )
        return {
            "title": self.env._("How many of our people are in order"),
            "columns": [
                self.env._("This month"),
                self.env._("Month before"),
                self.env._("Change"),
            ],
            "rows": [
                {
                    "label": words.get(line["code"], line["code"]),
                    "cells": [
                        self._percent(line["now"]),
                        self._percent(line["before"]),
                        self._points(line["now"], line["before"]),
                    ],
                    "worse": line["worse"],
                }
                for line in lines
            ],
            "note": self.env._(
                "Shares of all traders on the last day measured; CPF or CNPJ of "
                "clients only."
            ),
        }

    def _table_issues(self, lines):
        words = dict(
            self.env["veloc.data.issue"]
            ._fields["kind"]
            ._description_selection(self.env)
        )
        names = ("new", "closed", "open", "before")
        return {
            "title": self.env._("Findings"),
            "columns": [
                self.env._("Came up"),
                self.env._("Put in order"),
                self.env._("Open at the end"),
                self.env._("Month before"),
            ],
            "rows": [
                {
                    "label": words.get(line["code"], line["code"]),
                    "cells": [self._number(line[name]) for name in names],
                    "worse": line["worse"],
                }
                for line in lines
            ],
            "note": "" if lines else self.env._("Nothing was found."),
        }

    def _table_counts(self, title, lines, words, note=""):
        return {
            "title": title,
            "columns": [self.env._("This month"), self.env._("Month before")],
            "rows": [
                {
                    "label": words.get(line["code"], line["code"]),
                    "cells": [self._number(line["now"]), self._number(line["before"])],
                    "worse": False,
                }
                for line in lines
            ],
            "note": note,
        }

    def _number(self, value):
        return formatLang(self.env, value, 0)

    def _percent(self, value):
        return UNKNOWN if value is None else f"{formatLang(self.env, value, 1)} %"

    def _points(self, now, before):
        if now is None or before is None:
            return UNKNOWN
        change = round(now - before, 1)
        sign = "+" if change > 0 else ""
        return f"{sign}{formatLang(self.env, change, 1)}"
