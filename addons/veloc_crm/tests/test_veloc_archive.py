"""Months that leave and come back: not a digit is lost, and nobody erased returns."""

from datetime import date, datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .archive_case import MONTH, NOW, TABLE, ArchiveCase


@tagged("post_install", "-at_install")
class TestArchive(ArchiveCase):
    def test_a_month_leaves_and_comes_back_as_it_was_to_the_last_digit(self):
        archive, before = self._archive()
        self.assertEqual(len(before), 7)
        self.assertEqual((archive.state, archive.row_count), ("archived", 7))
        self.assertFalse(self._rows())
        self.assertEqual(self._tables(), [(None,)])
        self.assertEqual(
            archive.sums["deposit_approved"], {"count": 2, "amount": "10.20"}
        )
        self._bring_back(archive)
        self.assertEqual(self._rows(), before)
        self.assertEqual(archive.state, "restored")
        self.assertEqual(self._tables(), [(TABLE,)])

    def test_sums_days_and_duplicates_stay_as_they_were(self):
        self._live_through_may()
        again = self._deposit("10.10", at=self._at(2), id='"odd", id')
        self._run_night()
        trader = self._trader()
        self.assertEqual((trader.deposit_count, trader.deposit_total), (2, 10.2))
        days = self.env["veloc.trader.day"].search([("trader_id", "=", trader.id)])
        self.assertEqual(sum(days.mapped("deposit_count")), 2)
        self.assertEqual(self._ingest(again)["duplicates"], 1)
        self.assertEqual(trader.archived_until, date(2021, 6, 1))

    def test_the_file_shows_nothing_and_is_for_odoo_s_user_alone(self):
        archive, _before = self._archive()
        path = self.folder / archive.file_name
        content = path.read_bytes()
        self.assertNotIn(b"deposit_approved", content)
        self.assertNotIn(b"PAR1", content)
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)

    def test_until_it_is_turned_on_nothing_leaves(self):
        self.parameters.set_param("veloc_crm.archive_armed", "0")
        archive, before = self._archive()
        self.assertFalse(archive)
        self.assertEqual(self._rows(), before)

    def test_young_months_and_zero_months_leave_nothing(self):
        self._live_through_may()
        self.assertIn(MONTH, self.archives._due_months(NOW))
        self.assertIn(MONTH, self.archives._due_months(datetime(2023, 6, 1)))
        self.assertNotIn(MONTH, self.archives._due_months(datetime(2023, 5, 31)))
        self.assertFalse(self.archives._due_months(NOW, 0))

    def test_a_month_brought_back_stays_for_a_while(self):
        archive, before = self._archive()
        with freeze_time(NOW):
            self._bring_back(archive)
        self._run_night()
        self.assertEqual(self._rows(), before)
        self.assertIn(MONTH, self.archives._due_months(NOW + timedelta(days=31)))

    def test_events_that_come_late_are_kept_beside_those_brought_back(self):
        archive, before = self._archive()
        self._ingest(self._deposit("3.00", at=self._at(9)))
        self._bring_back(archive)
        self.assertEqual(len(self._rows()), len(before) + 1)
        self.assertEqual(self._trader().deposit_count, 3)

    def test_a_month_is_brought_back_from_a_shell_by_its_name(self):
        _archive, before = self._archive()
        with self.enter_registry_test_mode():
            self.assertEqual(self.archives._bring_back("2021-05"), {"2021-05": 7})
        self.assertEqual(self._rows(), before)
        with self.assertRaisesRegex(UserError, "2021-05"):
            self.archives._bring_back("2021-05")

    def test_a_file_that_was_changed_is_not_brought_back(self):
        archive, _before = self._archive()
        path = self.folder / archive.file_name
        content = bytearray(path.read_bytes())
        content[100] ^= 1
        path.write_bytes(bytes(content))
        with self.assertRaises(UserError):
            self._in_test_mode(archive, "action_verify")
        with self.assertRaises(UserError):
            self._bring_back(archive)
        self.assertEqual(archive.state, "archived")

    def test_a_file_that_is_not_there_says_so(self):
        archive, _before = self._archive()
        self._in_test_mode(archive, "action_verify")
        (self.folder / archive.file_name).unlink()
        with self.assertRaisesRegex(UserError, "events-2021-05"):
            self._bring_back(archive)

    def test_a_month_that_changes_while_it_is_read_stays(self):
        self._live_through_may()
        archives, write = type(self.archives), type(self.archives)._write_file

        def write_then_change(own, table, month):
            values = write(own, table, month)
            return {**values, "checksum": "0"}

        with (
            patch.object(archives, "_write_file", write_then_change),
            self.assertRaises(UserError),
        ):
            self._run_night()
        self.assertEqual(len(self._rows()), 7)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_an_erasure_reaches_the_file_and_its_evidence_says_so(self):
        archive, before = self._archive()
        former = archive.file_name
        person = self._trader().partner_id
        erasure = self.env["veloc.erasure"]._erase(person, "request")
        with self.enter_registry_test_mode():
            self.env.ref("veloc_compliance.ir_cron_erasure").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self._run_night()["rewritten"], 1)
        self.assertNotEqual(archive.file_name, former)
        self.assertEqual([p.name for p in self.folder.iterdir()], [archive.file_name])
        steps = erasure.step_ids.filtered(lambda s: s.model == "veloc.archive")
        self.assertEqual((steps.deed, steps.rows), ("pseudonymise", 4))
        self._bring_back(archive)
        rows = self.env["veloc.trader.event"].search(
            [("trader_id", "=", self._trader("T-2").id)]
        )
        self.assertEqual(len(rows), 3)
        self.assertEqual(len(self._rows()), len(before))
        self.assertFalse(self._rows("external_id LIKE '%%odd%%'"))
        self.assertEqual(len(self._rows("external_id = 'erased-' || id")), 4)
        self.assertFalse(
            self._rows("external_id LIKE 'erased-%%' AND data IS NOT NULL")
        )

    def test_a_restore_before_the_night_leaves_out_what_was_erased_too(self):
        archive, _before = self._archive()
        self.env["veloc.erasure"]._erase(self._trader().partner_id, "request")
        with self.enter_registry_test_mode():
            self.env.ref("veloc_compliance.ir_cron_erasure").method_direct_trigger()
        self.env.invalidate_all()
        self._bring_back(archive)
        self.assertEqual(len(self._rows("external_id = 'erased-' || id")), 4)

    def test_only_managers_plan_arm_and_bring_back(self):
        archive, _before = self._archive()
        analyst = new_test_user(self.env, "arch", groups="veloc_crm.group_analyst")
        with self.assertRaises(AccessError):
            archive.with_user(analyst).action_restore()
        manager = new_test_user(self.env, "arch-m", groups="veloc_crm.group_manager")
        plans = self.env["veloc.archive.plan"].with_user(manager)
        plan = plans.create({"months_kept": 12})
        self.assertTrue(plan.plan)
        plan.action_disarm()
        self.assertFalse(self.archives._is_armed())
        plan.action_arm()
        self.assertEqual(
            (self.archives._is_armed(), self.archives._get_limit()), (True, 12)
        )
        plan.months_kept = 0
        with self.assertRaises(UserError):
            plan.action_arm()

    def test_the_night_s_job_does_it_last(self):
        steps = sorted(self.env["veloc.nightly"]._steps())
        self.assertEqual(steps[-1], (90, "archive", "veloc.archive", "_archive_due"))
