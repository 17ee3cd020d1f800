from datetime import timedelta

from odoo import api, fields, models

from ...rules.finding import Finding


class VelocWatch(models.AbstractModel):
    """What can go wrong with retention and erasure, and must not go unseen."""

    _inherit = "veloc.watch"

    @api.model
    def _check_retention_run_failed(self, rule, since):
        """Return the last run if it failed or is overdue, and erasures that failed."""
        # sudo: the watch looks at everything.
        runs_sudo = self.env["veloc.retention.run"].sudo()
        run = runs_sudo.search([("is_dry", "=", False)], limit=1)
        late = fields.Datetime.now() - timedelta(hours=rule.threshold)
        found = []
        if run.state == "failed":
            detail = self.env._("The last retention run stopped with errors.")
            found.append(Finding("", detail, run._name, run.id))
        elif run and (run.finished_at or run.started_at) < late:
            detail = self.env._("No retention run has ended lately.")
            found.append(Finding("", detail, run._name, run.id))
        # sudo: as above.
        failed_sudo = self.env["veloc.erasure"].sudo().search([("failures", ">", 0)])
        return found + [
            Finding(
                f"erasure:{erasure.id}",
                self.env._(
                    "The erasure %(reference)s stopped with an error: %(error)s.",
                    reference=erasure.reference,
                    error=erasure.failure,
                ),
                erasure._name,
                erasure.id,
            )
            for erasure in failed_sudo
        ]

    @api.model
    def _check_legal_hold_expiring(self, rule, since):
        """Return the holds of officers that end within the threshold's days."""
        today = self.env["veloc.retention.scope"]._today()
        # sudo: the watch looks at everything; the finding names no person.
        holds_sudo = (
            self.env["veloc.legal.hold"]
            .sudo()
            .search(
                [
                    ("kind", "!=", "retention"),
                    ("lifted_at", "=", False),
                    ("until", ">=", today),
                    ("until", "<=", today + timedelta(days=rule.threshold)),
                ]
            )
        )
        return [
            Finding(
                str(hold.id),
                self.env._(
                    "%(law)s: the last day is %(until)s.",
                    law=hold.law,
                    until=hold.until,
                ),
                hold._name,
                hold.id,
            )
            for hold in holds_sudo
        ]

    @api.model
    def _check_tombstone_journal(self, rule, since):
        """Return whether erasures wait too long for their line in the file."""
        late = fields.Datetime.now() - timedelta(hours=rule.threshold)
        # sudo: the watch looks at everything.
        waiting = (
            self.env["veloc.tombstone.journal"]
            .sudo()
            .search_count([("written_at", "=", False), ("at", "<", late)])
        )
        if not waiting:
            return []
        return [
            Finding(
                "behind",
                self.env._(
                    "%(count)s erasures are not in the journal outside the database.",
                    count=waiting,
                ),
            )
        ]
