from datetime import timedelta

from odoo import fields, models


class VelocWatch(models.AbstractModel):
    """Remove files that nobody fetches: the platform goes on using what it has."""

    _inherit = "veloc.watch"

    def _check_audience_removal_late(self, rule, _since):
        """Lists with somebody who waits for removal for ``threshold`` days."""
        limit = fields.Datetime.now() - timedelta(days=rule.threshold)
        groups = self.env["veloc.audience.removal"]._read_group(
            [("since", "<=", limit)], ["export_id", "run_id"], ["__count", "since:min"]
        )
        return [
            self.env["veloc.alert"]._finding(
                f"{export.id}",
                self.env._(
                    "“%(list)s”: %(count)s removals wait since %(day)s.",
                    list=export.name,
                    count=count,
                    day=since.date(),
                ),
                "veloc.audience.run",
                run.id,
                company_id=export.company_id.id,
            )
            for export, run, count, since in groups
        ]
