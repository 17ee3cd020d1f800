from odoo import models


class IrActionsReport(models.Model):
    """A report about people is a reading of their data."""

    _inherit = "ir.actions.report"

    def _render(self, report_ref, res_ids, data=None):
        rendered = super()._render(report_ref, res_ids, data=data)
        report = self._get_report(report_ref)
        model = self.env.get(report.model) if report.model else None
        if model is not None and model._veloc_ledger_reads and res_ids:
            ids = [res_ids] if isinstance(res_ids, int) else res_ids
            self.env["veloc.ledger.reading"]._rendered(
                model.browse(ids), report.report_name
            )
        return rendered
