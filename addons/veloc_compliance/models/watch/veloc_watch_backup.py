from datetime import timedelta

from odoo import fields, models

from ...rules.finding import Finding

MODEL = "veloc.backup.report"


class VelocWatch(models.AbstractModel):
    """Backups that failed, that nobody made, or that nobody tried to restore."""

    _inherit = "veloc.watch"

    def _check_backup_failed(self, _rule, since):
        """Every run that a script reported as failed, restore tests included."""
        failed = self.env[MODEL].search(
            [("is_good", "=", False), ("reported_at", ">=", since)], order="id"
        )
        return [
            Finding(
                report.name,
                report.error or report.display_name,
                MODEL,
                report.id,
                at=report.reported_at,
            )
            for report in failed
        ]

    def _check_backup_late(self, rule, _since):
        """No good backup for ``threshold`` hours."""
        text = self.env._("No good backup in the last %(hours)s hours.")
        return self._late("backup", timedelta(hours=rule.threshold), text)

    def _check_restore_test_late(self, rule, _since):
        """No restore that was tried and held, for ``threshold`` days."""
        text = self.env._("No restore was tried and held in the last %(days)s days.")
        return self._late("restore_test", timedelta(days=rule.threshold), text)

    def _late(self, kind, longest, text):
        """One probe of the index: when did the newest good one end?"""
        limit = fields.Datetime.now() - longest
        newest = self.env[MODEL].search(
            [("kind", "=", kind), ("is_good", "=", True), ("ended_at", ">", limit)],
            limit=1,
        )
        if newest:
            return []
        hours = int(longest.total_seconds() // 3600)
        detail = text % {"hours": hours, "days": longest.days}
        return [Finding(kind, detail, MODEL)]
