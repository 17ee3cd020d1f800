from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ...rules.board import Line, Tile, trouble

NEXT = 6


class VelocComplianceBoard(models.AbstractModel):
    """The one screen of the encarregado: the state of every part, and its lists.

    A part is shown to who may read it; each costs a constant number of queries.
    """

    _name = "veloc.compliance.board"
    _description = "Compliance board"

    @api.model
    def load(self):
        """Return the tiles and the alerts that nobody has taken. For the screen."""
        groups = "veloc_compliance.group_viewer,veloc_compliance.group_auditor"
        if not self.env.user.has_groups(groups):
            raise AccessError(self.env._("This board is for compliance."))
        now = fields.Datetime.now()
        tiles = [tile.as_dict() for tile in self._tiles(now) if tile]
        return {
            "tiles": tiles,
            "alerts": self._urgent(now) if self._may("veloc.alert") else [],
            "at": fields.Datetime.to_string(now),
        }

    @api.model
    def open(self, code):
        """Return the window with the records behind a number. For the screen."""
        target = self._lists(fields.Datetime.now()).get(code)
        if not target or not self._may(target[0]):
            raise AccessError(self.env._("There is no such list for you."))
        model, name, domain = target
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "list,kanban,form",
            "views": [(False, "list"), (False, "kanban"), (False, "form")],
            "domain": list(Domain(domain)),
        }

    def _may(self, model):
        return self.env[model].has_access("read")

    # === TILES === #

    def _tiles(self, now):
        """Return the tiles in their order; other parts add theirs."""
        return [
            self._tile_alerts(now),
            self._tile_consent(now),
            self._tile_ledger(now),
            self._tile_audits(now),
            self._tile_backups(now),
        ]

    def _lists(self, now):
        """Return {code: (model, title, domain)} of what a click opens."""
        return {
            **self._lists_of_alerts(),
            **self._lists_of_consent(now),
            **self._lists_of_proof(),
        }

    def _lists_of_alerts(self):
        live = [("closed_at", "=", False)]
        return {
            "alerts": ("veloc.alert", self.env._("Alerts"), live),
            "alerts_open": (
                "veloc.alert",
                self.env._("Alerts nobody has taken"),
                [("state", "=", "open")],
            ),
            "alerts_critical": (
                "veloc.alert",
                self.env._("Critical alerts"),
                [*live, ("severity", "=", "critical")],
            ),
            "alerts_climbed": (
                "veloc.alert",
                self.env._("Alerts that climbed"),
                [*live, ("step_ids.level_number", ">", 1)],
            ),
        }

    def _lists_of_consent(self, now):
        week = now - timedelta(days=7)
        return {
            "consent_given": (
                "veloc.consent",
                self.env._("Consents of the week"),
                [("granted", "=", True), ("recorded_at", ">=", week)],
            ),
            "consent_revoked": (
                "veloc.consent",
                self.env._("Revocations of the week"),
                [("granted", "=", False), ("recorded_at", ">=", week)],
            ),
            "consent_state": (
                "veloc.consent.state",
                self.env._("Consents that stand"),
                [("granted", "=", True)],
            ),
            "suppressions": (
                "veloc.suppression",
                self.env._("Suppressions in force"),
                [("is_active", "=", True)],
            ),
        }

    def _lists_of_proof(self):
        today = fields.Date.context_today(self)
        return {
            "ledger": (
                "veloc.ledger.entry",
                self.env._("Ledger"),
                [("is_sealed", "=", True)],
            ),
            "unsealed": (
                "veloc.ledger.entry",
                self.env._("Entries without a seal"),
                [("is_sealed", "=", False)],
            ),
            "heads": ("veloc.ledger.head", self.env._("Seals"), []),
            "ledger_checks": (
                "veloc.ledger.check",
                self.env._("Examinations of the ledger"),
                [],
            ),
            "audits_missed": (
                "veloc.audit",
                self.env._("Missed audits"),
                [("is_missed", "=", True)],
            ),
            "audits_due": (
                "veloc.audit",
                self.env._("Audits to do"),
                [("state", "!=", "done"), ("due_on", ">=", today)],
            ),
            "audits": ("veloc.audit", self.env._("Audits"), []),
            "backups": (
                "veloc.backup.report",
                self.env._("Backups"),
                [("kind", "=", "backup")],
            ),
            "restores": (
                "veloc.backup.report",
                self.env._("Restore tests"),
                [("kind", "=", "restore_test")],
            ),
        }

    def _tile_alerts(self, _now):
        if not self._may("veloc.alert"):
            return None
        counts = {}
        for state, severity, climbed, count in self._alert_counts():
            keys = ["all", state, severity, "climbed" if climbed else ""]
            for key in keys:
                counts[key] = counts.get(key, 0) + count
        open_, critical = counts.get("open", 0), counts.get("critical", 0)
        climbed = counts.get("climbed", 0)
        lines = [
            Line(
                self.env._("Nobody has taken"),
                open_,
                trouble(open_, "warn"),
                "alerts_open",
            ),
            Line(
                self.env._("Critical"), critical, trouble(critical), "alerts_critical"
            ),
            Line(
                self.env._("Climbed to a higher level"),
                climbed,
                trouble(climbed),
                "alerts_climbed",
            ),
            Line(self.env._("Not over"), counts.get("all", 0), "good", "alerts"),
        ]
        return Tile("alerts", self.env._("Alerts"), lines)

    def _alert_counts(self):
        """Return (state, severity, climbed, count) of what is not over; two queries."""
        live = Domain("closed_at", "=", False)
        rows = []
        for climbed in (True, False):
            domain = Domain("step_ids.level_number", ">", 1)
            groups = self.env["veloc.alert"]._read_group(
                live & (domain if climbed else ~domain),
                ["state", "severity"],
                ["__count"],
            )
            rows += [(state, severity, climbed, n) for state, severity, n in groups]
        return rows

    def _tile_consent(self, now):
        if not self._may("veloc.consent.state"):
            return None
        week = now - timedelta(days=7)
        standing = self.env["veloc.consent.state"].search_count(
            [("granted", "=", True)]
        )
        lines = [Line(self.env._("Standing"), standing, "good", "consent_state")]
        if self._may("veloc.consent"):
            words = dict(
                self.env["veloc.consent"]._read_group(
                    [("recorded_at", ">=", week)], ["granted"], ["__count"]
                )
            )
            given, revoked = words.get(True, 0), words.get(False, 0)
            lines += [
                Line(self.env._("Given in 7 days"), given, "good", "consent_given"),
                Line(
                    self.env._("Revoked in 7 days"), revoked, "good", "consent_revoked"
                ),
            ]
        if self._may("veloc.suppression"):
            held = self.env["veloc.suppression"].search_count(
                [("is_active", "=", True)]
            )
            lines.append(
                Line(self.env._("Suppressions in force"), held, "good", "suppressions")
            )
        return Tile("consent", self.env._("Consent"), lines)

    def _tile_ledger(self, now):
        if not self._may("veloc.ledger.entry"):
            return None
        return Tile("ledger", self.env._("Ledger"), self._ledger_lines(now))

    def _ledger_lines(self, now):
        head = self.env["veloc.ledger.head"].search([], limit=1)
        check = self.env["veloc.ledger.check"].search([], limit=1)
        unsound = bool(check) and not check.is_sound
        # sudo: the age of the oldest entry without a seal says nothing about anybody.
        oldest = self.env["veloc.watch"].sudo()._oldest_unsealed()
        minutes = int((now - oldest).total_seconds() // 60) if oldest else 0
        state = "bad" if minutes > 10 else "good"
        waiting = self.env._("%(minutes)s min", minutes=minutes) if oldest else "0"
        return [
            Line(self.env._("Sealed entries"), head.size, "good", "ledger"),
            Line(
                self.env._("Last seal"), self._moment(head.sealed_at), "good", "heads"
            ),
            Line(self.env._("Oldest without a seal"), waiting, state, "unsealed"),
            Line(
                self.env._("Last examination"),
                self._moment(check.checked_at),
                trouble(unsound),
                "ledger_checks",
            ),
        ]

    def _tile_audits(self, _now):
        if not self._may("veloc.audit"):
            return None
        today = fields.Date.context_today(self)
        audits = self.env["veloc.audit"]
        open_ = audits.search_fetch(
            [("state", "!=", "done")], ["due_on", "plan_id"], order="due_on"
        )
        missed = open_.filtered(lambda audit: audit.due_on < today)
        coming = open_ - missed
        last = audits.search_fetch(
            [("state", "=", "done")], ["done_at"], order="done_at desc", limit=1
        )
        lines = [
            Line(
                self.env._("Missed"), len(missed), trouble(len(missed)), "audits_missed"
            ),
            Line(self.env._("To do"), len(coming), "good", "audits_due"),
            Line(
                self.env._("Next due"), self._day(coming[:1].due_on), "good", "audits"
            ),
            Line(self.env._("Last done"), self._day(last.done_at), "good", "audits"),
        ]
        return Tile("audits", self.env._("Audits"), lines)

    def _tile_backups(self, now):
        if not self._may("veloc.backup.report"):
            return None
        newest = dict(
            self.env["veloc.backup.report"]._read_group(
                [("is_good", "=", True)], ["kind"], ["ended_at:max"]
            )
        )
        backup, restore = newest.get("backup"), newest.get("restore_test")
        is_old = not backup or now - backup > timedelta(hours=26)
        is_stale = not restore or now - restore > timedelta(days=8)
        lines = [
            Line(
                self.env._("Last good backup"),
                self._moment(backup),
                trouble(is_old),
                "backups",
            ),
            Line(
                self.env._("Last restore that held"),
                self._moment(restore),
                trouble(is_stale, "warn"),
                "restores",
            ),
        ]
        return Tile("backups", self.env._("Backups"), lines)

    # === PARTS === #

    def _urgent(self, now):
        """Return the alerts that wait for somebody, with the time that is left."""
        alerts = self.env["veloc.alert"].search(
            [("state", "in", ("open", "acknowledged"))], limit=NEXT
        )
        labels = {
            name: dict(alerts._fields[name]._description_selection(self.env))
            for name in ("severity", "state")
        }
        return [
            {
                "id": alert.id,
                "name": alert.display_name,
                "severity": alert.severity,
                "severity_label": labels["severity"][alert.severity],
                "state": alert.state,
                "state_label": labels["state"][alert.state],
                "detail": (alert.detail or "")[:160],
                "owner": alert.owner_id.name or "",
                "minutes_open": int((now - alert.raised_at).total_seconds() // 60),
                "minutes_left": int((alert.escalates_at - now).total_seconds() // 60)
                if alert.escalates_at
                else False,
            }
            for alert in alerts
        ]

    def _day(self, moment):
        """Return a date (or the local date of a moment) as the reader writes it."""
        if not moment:
            return "-"
        if hasattr(moment, "hour"):
            moment = fields.Datetime.context_timestamp(self, moment).date()
        return self.env["ir.qweb.field.date"].value_to_html(moment, {})

    def _moment(self, moment):
        """Return a moment in the reader's zone and language."""
        if not moment:
            return self.env._("never")
        return self.env["ir.qweb.field.datetime"].value_to_html(
            moment, {"hide_seconds": True}
        )
