from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain

from ...rules.finding import Finding

FAILURES = 3


class VelocWatch(models.AbstractModel):
    """The watch's own house: jobs that stand still, alerts and audits left lying."""

    _inherit = "veloc.watch"

    def _check_job_late(self, rule, _since):
        """A job of ours that is off, fails again and again, or is long overdue."""
        limit = fields.Datetime.now() - timedelta(minutes=rule.threshold)
        ours = self.env["ir.model.data"]._search(
            [("module", "=like", "veloc\\_%"), ("model", "=", "ir.cron")]
        )
        jobs = self.env["ir.cron"].with_context(active_test=False)
        late = jobs.search(
            Domain("id", "in", ours.subselect("res_id"))
            & (
                Domain("active", "=", False)
                | Domain("failure_count", ">=", FAILURES)
                | Domain("nextcall", "<", limit)
            )
        )
        return [
            Finding(
                str(job.id),
                self.env._(
                    "%(job)s: due since %(due)s UTC, %(failures)s failures, "
                    "switched on: %(active)s",
                    job=job.name,
                    due=job.nextcall,
                    failures=job.failure_count,
                    active=self.env._("yes") if job.active else self.env._("no"),
                ),
                "ir.cron",
                job.id,
            )
            for job in late
        ]

    def _check_alert_forgotten(self, rule, _since):
        """A critical alert that somebody took, and that is still not settled."""
        limit = fields.Datetime.now() - timedelta(hours=rule.threshold)
        left = self.env["veloc.alert"].search(
            [
                ("state", "=", "acknowledged"),
                ("severity", "=", "critical"),
                ("acknowledged_at", "<", limit),
            ]
        )
        return [
            Finding(
                str(alert.id),
                self.env._(
                    "%(alert)s was taken by %(who)s and is not settled.",
                    alert=alert.display_name,
                    who=alert.acknowledged_by_id.name,
                ),
                alert._name,
                alert.id,
            )
            for alert in left
        ]

    def _check_audit_missed(self, _rule, _since):
        """An audit whose day is over; critical once its whole period is."""
        today = fields.Date.context_today(self)
        missed = self.env["veloc.audit"].search([("is_missed", "=", True)])
        return [
            Finding(
                str(audit.id),
                self.env._(
                    "%(audit)s was due on %(day)s.",
                    audit=audit.display_name,
                    day=audit.due_on,
                ),
                audit._name,
                audit.id,
                severity="critical" if audit.period_end < today else None,
            )
            for audit in missed
        ]
