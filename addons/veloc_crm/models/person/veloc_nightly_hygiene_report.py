from odoo import api, models


class VelocNightly(models.AbstractModel):
    """Step 85: once a month is over, the report on its data."""

    _inherit = "veloc.nightly"

    @api.model
    def _steps(self):
        return [*super()._steps(), (85, "hygiene_report", self._name, "_do_report")]

    @api.model
    def _labels(self):
        return super()._labels() | {
            "hygiene_report": self.env._("Monthly report on the data"),
            "reports": self.env._("reports"),
            "people": self.env._("people"),
            "pairs": self.env._("possible duplicates"),
            "issues": self.env._("findings"),
            "links": self.env._("linked accounts"),
            "changed": self.env._("changed"),
            "moves": self.env._("moves"),
            "months": self.env._("months"),
            "events": self.env._("events"),
            "rewritten": self.env._("rewritten"),
            "up": self.env._("up"),
            "down": self.env._("down"),
            "warned": self.env._("warned"),
            "granted": self.env._("benefits granted"),
            "ended": self.env._("benefits ended"),
        }

    @api.model
    def _do_report(self, now):
        """Make the reports of months that are over and have none."""
        reports, made = self.env["veloc.hygiene.report"], 0
        for company, month in reports._missing():
            made += len(reports._make(company, month))
            if not self.env["ir.cron"]._commit_progress(1):
                break
        return {"reports": made}
