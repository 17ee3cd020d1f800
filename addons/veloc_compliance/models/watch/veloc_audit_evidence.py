from datetime import timedelta

from odoo import api, fields, models


class VelocAuditEvidence(models.AbstractModel):
    """The numbers that the system itself can bring to an audit's question."""

    _name = "veloc.audit.evidence"
    _description = "Automatic audit evidence"

    @api.model
    def _collect(self, code, audit):
        """Return [(name, value)] about the audit's period; values are JSON-safe."""
        return getattr(self, f"_evidence_{code}")(audit)

    def _within(self, audit, field):
        """Return the domain of what happened in the period of the audit."""
        end = audit.period_end + timedelta(days=1)
        return [(field, ">=", audit.period_start), (field, "<", end)]

    def _evidence_consent(self, audit):
        events = dict(
            self.env["veloc.consent"]._read_group(
                self._within(audit, "recorded_at"), ["granted"], ["__count"]
            )
        )
        standing = self.env["veloc.consent.state"].search_count(
            [("granted", "=", True)]
        )
        return [
            (self.env._("Given in the period"), events.get(True, 0)),
            (self.env._("Revoked in the period"), events.get(False, 0)),
            (self.env._("Standing now"), standing),
        ]

    def _evidence_suppression(self, _audit):
        groups = self.env["veloc.suppression"]._read_group(
            [("is_active", "=", True)], ["kind"], ["__count"]
        )
        labels = dict(
            self.env["veloc.suppression"]
            ._fields["kind"]
            ._description_selection(self.env)
        )
        return [(labels[kind], count) for kind, count in groups] or [
            (self.env._("In force"), 0)
        ]

    def _evidence_purposes(self, _audit):
        versions = self.env["veloc.purpose.version"]
        labels = dict(versions._fields["legal_basis"]._description_selection(self.env))
        groups = versions._read_group(
            [("state", "=", "published")], ["legal_basis"], ["__count"]
        )
        return [(labels[basis], count) for basis, count in groups]

    def _evidence_alerts(self, audit):
        alerts = self.env["veloc.alert"].search(self._within(audit, "raised_at"))
        taken = [
            (alert.acknowledged_at - alert.raised_at).total_seconds() / 60
            for alert in alerts
            if alert.acknowledged_at
        ]
        false = alerts.filtered(lambda alert: alert.state == "false_alarm")
        climbed = alerts.filtered(lambda alert: len(alert.step_ids) > 1)
        return [
            (self.env._("Raised in the period"), len(alerts)),
            (
                self.env._("Critical"),
                len(alerts.filtered(lambda a: a.severity == "critical")),
            ),
            (self.env._("False alarms"), len(false)),
            (self.env._("Told to more than one level"), len(climbed)),
            (
                self.env._("Minutes until taken, on average"),
                round(sum(taken) / len(taken)) if taken else "-",
            ),
            (
                self.env._("Not over now"),
                self.env["veloc.alert"].search_count([("closed_at", "=", False)]),
            ),
        ]

    def _evidence_backups(self, audit):
        reports = self.env["veloc.backup.report"]
        groups = {
            (kind, good): count
            for kind, good, count in reports._read_group(
                self._within(audit, "ended_at"), ["kind", "is_good"], ["__count"]
            )
        }
        newest = reports.search(
            [("kind", "=", "restore_test"), ("is_good", "=", True)], limit=1
        )
        return [
            (self.env._("Good backups"), groups.get(("backup", True), 0)),
            (self.env._("Failed backups"), groups.get(("backup", False), 0)),
            (self.env._("Restores that held"), groups.get(("restore_test", True), 0)),
            (
                self.env._("Restores that failed"),
                groups.get(("restore_test", False), 0),
            ),
            (
                self.env._("Last restore that held"),
                fields.Datetime.to_string(newest.ended_at) or "-",
            ),
        ]

    def _evidence_access(self, _audit):
        holders = self.env["veloc.privilege"]._read_group(
            [], ["group_id"], ["user_id:count_distinct", "user_id:array_agg"]
        )
        return [
            (group.full_name, f"{count} (ids {', '.join(map(str, sorted(ids)))})")
            for group, count, ids in holders
        ] or [(self.env._("Known holders of powerful roles"), 0)]

    def _evidence_ledger(self, audit):
        head = self.env["veloc.ledger.head"].search([], limit=1)
        check = self.env["veloc.ledger.check"].search([], limit=1)
        oldest = self.env["veloc.watch"]._oldest_unsealed()
        entries = self.env["veloc.ledger.entry"].search_count(self._within(audit, "at"))
        return [
            (self.env._("Entries of the period"), entries),
            (self.env._("Sealed entries"), head.size),
            (self.env._("Last seal"), fields.Datetime.to_string(head.sealed_at) or "-"),
            (
                self.env._("Last examination"),
                fields.Datetime.to_string(check.checked_at) or "-",
            ),
            (
                self.env._("It was sound"),
                self.env._("yes") if check.is_sound else self.env._("no"),
            ),
            (
                self.env._("Oldest without a seal"),
                fields.Datetime.to_string(oldest) or "-",
            ),
        ]

    def _evidence_rules(self, _audit):
        rules = (
            self.env["veloc.alert.rule"]
            .with_context(active_test=False)
            .search([("code", "!=", False)])
        )
        off = rules.filtered(lambda rule: not rule.active)
        broken = rules.filtered("error")
        return [
            (self.env._("Rules that watch"), len(rules - off)),
            (self.env._("Switched off"), ", ".join(off.mapped("name")) or "-"),
            (
                self.env._("Failed at their last look"),
                ", ".join(broken.mapped("name")) or "-",
            ),
        ]
