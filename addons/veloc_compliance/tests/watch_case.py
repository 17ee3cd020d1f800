"""Set-up of the tests about alerts, the watch, audits and backups."""

from odoo.tests import new_test_user

from ..rules.finding import Finding
from .common import ComplianceCase


class WatchCase(ComplianceCase):
    """An analyst, two officers and a viewer; no alert and no other rule about."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alerts = cls.env["veloc.alert"]
        cls.watch = cls.env["veloc.watch"]
        cls.rules = cls.env["veloc.alert.rule"]
        cls.analyst, cls.officer, cls.boss, cls.viewer = (
            new_test_user(
                cls.env,
                login=f"w_{login}",
                groups=group,
                email=f"{login}@veloc.example",
            )
            for login, group in (
                ("analyst", "veloc_compliance.group_advanced"),
                ("officer", "veloc_compliance.group_officer"),
                ("boss", "veloc_compliance.group_officer"),
                ("viewer", "veloc_compliance.group_viewer"),
            )
        )
        levels = cls.env["veloc.escalation"].search([])
        cls.technician, cls.supervisor, cls.manager = levels
        for level, user in zip(
            levels, (cls.analyst, cls.officer, cls.boss), strict=True
        ):
            level.write({"group_ids": [(5,)], "user_ids": [(6, 0, user.ids)]})
        # What the installation itself may have found is none of these tests' business.
        cls.alerts.search([])._close("resolved", "set-up")

    @classmethod
    def rule(cls, code):
        """Return the shipped rule of this code."""
        return cls.rules.with_context(active_test=False).search([("code", "=", code)])

    def _look(self, code, since):
        """Return the findings of one shipped rule."""
        return self.watch._look(self.rule(code), since)

    def _live(self, code):
        return self.alerts.search([("code", "=", code), ("closed_at", "=", False)])

    def _found(self, key="", **more):
        return Finding(key, **more)
