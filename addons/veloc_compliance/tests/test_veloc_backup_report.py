from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import NOON
from .watch_case import WatchCase

HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


@tagged("post_install", "-at_install")
class TestVelocBackupReport(WatchCase):
    """Backups report themselves, silence is an alert, and a restore has to be shown."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.script = new_test_user(
            cls.env, login="w_backup", groups="veloc_compliance.group_backup"
        )
        cls.reports = cls.env["veloc.backup.report"]

    def _report(self, at=NOON, **more):
        values = {
            "name": "nightly on db1",
            "kind": "backup",
            "started_at": (at - timedelta(minutes=4)).isoformat() + "Z",
            "ended_at": at.isoformat() + "Z",
            "is_good": True,
            "size": 71_000_000,
            "sha256": HASH,
        }
        with freeze_time(at):
            answer = self.reports.with_user(self.script).report(values | more)
        return self.reports.browse(answer["id"])

    def _restore(self, **more):
        shown = dict.fromkeys(("rows_equal", "ledger_verified", "files_checked"), True)
        return self._report(kind="restore_test", **(shown | more))

    def _late(self, code, at):
        with freeze_time(at):
            return self._look(code, at)

    def test_a_program_reports_and_reads_nothing(self):
        report = self._report()
        self.assertRecordValues(
            report,
            [
                {
                    "seconds": 240,
                    "size_label": "71 MB",
                    "reported_by_id": self.script.id,
                    "ended_at": NOON,
                }
            ],
        )
        with self.assertRaises(AccessError):
            report.with_user(self.script).read(["name"])

    def test_nobody_else_reports_not_even_the_officer(self):
        with self.assertRaises(AccessError):
            self.reports.with_user(self.officer).report({})

    def test_a_report_is_evidence_that_nobody_changes(self):
        report = self._report()
        with self.assertRaises(UserError):
            report.write({"is_good": False})
        with self.assertRaises(UserError):
            report.unlink()

    def test_odd_reports_are_refused_with_what_is_wrong(self):
        for odd in (
            {"sha256": "short"},
            {"started_at": "yesterday"},
            {"id": 7},
            {"reported_by_id": 1},
        ):
            with self.subTest(**odd), self.assertRaises(ValidationError):
                self._report(**odd)

    def test_silence_is_an_alert(self):
        self._report()
        self.assertFalse(self._late("backup_late", NOON + timedelta(hours=25)))
        self.assertTrue(self._late("backup_late", NOON + timedelta(hours=27)))

    def test_a_failed_run_is_an_alert_at_once_and_no_good_backup(self):
        report = self._report(is_good=False, sha256=False, size=0, error="disk full")
        (found,) = self._look("backup_failed", NOON - timedelta(minutes=1))
        self.assertEqual((found.res_id, found.detail), (report.id, "disk full"))
        self.assertTrue(self._late("backup_late", NOON + timedelta(hours=1)))

    def test_a_restore_counts_only_if_rows_files_and_ledger_were_shown_to_hold(self):
        backup = self._report()
        good = self._restore()
        self.assertEqual(good.backup_id, backup)
        self.assertTrue(good.is_good)
        self.assertFalse(self._restore(ledger_verified=False).is_good)
        self.assertFalse(self._restore(files_checked="yes").is_good)

    def test_a_backup_nobody_restored_for_a_week_is_an_alert(self):
        self._restore()
        self.assertFalse(self._late("restore_test_late", NOON + timedelta(days=7)))
        self.assertTrue(self._late("restore_test_late", NOON + timedelta(days=9)))

    def test_the_first_look_after_the_install_says_that_there_is_none(self):
        self.assertFalse(self.reports.search([]))
        (found,) = self._look("backup_late", fields.Datetime.now())
        self.assertEqual(found.key, "backup")
