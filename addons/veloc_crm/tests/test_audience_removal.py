"""What nobody fetched: added again, removed for good, told as an alert."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .audience_case import AudienceMixin
from .common import CrmCase


@tagged("post_install", "-at_install")
class TestAudienceRemoval(AudienceMixin, CrmCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_audience()

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def test_who_is_in_a_file_nobody_fetched_is_in_the_next_one(self):
        first = self._run()
        second = self._run(days=1)
        self.assertEqual((second.added, second.removed), (30, 0))
        with self.assertRaisesRegex(UserError, "newer run"):
            first._fetch("add")
        self.assertEqual(len(self._file(second)), 30)
        self.assertEqual(self._run(days=2).added, 0)

    def test_who_was_never_handed_over_need_not_be_removed(self):
        self._run()
        self._agree(self.partners[4], granted=False)
        run = self._run(days=1)
        self.assertEqual((run.added, run.removed), (29, 0))

    def test_who_takes_it_back_before_the_file_is_fetched_is_not_in_it(self):
        run = self._run()
        before = run.add_sha256
        self._agree(self.partners[4], granted=False)
        emails = {row["email"] for row in self._file(run)}
        self.assertEqual(len(emails), 29)
        self.assertNotIn(self._hash(4), emails)
        self.assertEqual((run.added, self.export.member_count), (29, 29))
        self.assertNotEqual(run.add_sha256, before)
        self.assertEqual(self._run(days=1).removed, 0)

    def test_a_file_fetched_again_leaves_out_who_left_since_and_they_are_removed(self):
        run = self._hand_over()
        self._agree(self.partners[4], granted=False)
        self.assertEqual(len(self._file(run)), 29)
        self.assertEqual(self._run(days=1).removed, 1)

    def test_a_file_of_which_too_few_are_left_is_not_fetched(self):
        run = self._run()
        self._agree(self.partners[:11], granted=False)
        with self.assertRaisesRegex(UserError, "Too few"):
            run._fetch("add")

    def test_an_ended_list_adds_nobody_from_an_old_file(self):
        run = self._run()
        self.export.action_end()
        with self.assertRaises(UserError):
            run._fetch("add")

    def test_a_removal_stands_in_each_remove_file_until_one_was_fetched(self):
        self._hand_over()
        self._agree(self.partners[4], granted=False)
        first = self._run(days=1)
        self._agree(self.partners[5], granted=False)
        second = self._run(days=9)
        self.assertEqual(second.removed, 2)
        self.assertEqual(self.export.removal_count, 2)
        self.assertEqual((first.is_removal_open, second.is_removal_open), (False, True))
        with self.assertRaisesRegex(UserError, "newer run"):
            first._fetch("remove")
        emails = {row["email"] for row in self._file(second, "remove")}
        self.assertEqual(emails, {self._hash(4), self._hash(5)})
        self.assertEqual(self._run(days=10).removed, 0)

    def test_who_agrees_again_before_it_was_fetched_is_not_removed(self):
        self._hand_over()
        self._agree(self.partners[4], granted=False)
        self._run(days=1)
        self._agree(self.partners[4])
        run = self._run(days=2)
        self.assertEqual((run.added, run.removed), (1, 0))

    def test_runs_whose_removals_wait_are_found(self):
        self._hand_over()
        self._agree(self.partners[4], granted=False)
        run = self._run(days=1)
        own = [("export_id", "=", self.export.id)]
        runs = self.env["veloc.audience.run"]
        self.assertEqual(runs.search([*own, ("is_removal_open", "=", True)]), run)
        self.assertNotIn(run, runs.search([*own, ("is_removal_open", "=", False)]))
        action = self.export.action_open_removals()
        waiting = self.env["veloc.audience.removal"].search(action["domain"])
        self.assertEqual(waiting.partner_id, self.partners[4])

    def _late(self, **later):
        rule = self.env.ref("veloc_crm.veloc_alert_rule_audience_removal_late")
        with freeze_time(fields.Datetime.now() + timedelta(**later)):
            found = self.env["veloc.watch"]._check_audience_removal_late(rule, None)
        return [item for item in found if item.key == str(self.export.id)]

    def test_a_removal_that_nobody_fetches_is_an_alert_until_somebody_does(self):
        self._hand_over()
        self._agree(self.partners[4], granted=False)
        run = self._run()
        self.assertFalse(self._late(days=1))
        (found,) = self._late(days=2, minutes=1)
        self.assertIn("1 removals", found.detail)
        self.assertEqual(found.res_id, run.id)
        newer = self._run(days=3)
        self.assertTrue(self._late(days=3), "a newer file does not restart the clock")
        newer._fetch("remove")
        self.assertFalse(self._late(days=4))

    def test_an_expired_remove_file_is_made_anew_for_lists_by_hand_and_ended_ones(self):
        self._hand_over()
        self._agree(self.partners[4], granted=False)
        self._run(minutes=1)
        self._cron(days=2)
        self.assertEqual(self.export.run_count, 2)
        self._cron(days=8)
        self.assertEqual(self.export.run_count, 3)
        self.export.action_end()
        self._cron(days=9)
        self.assertEqual(self.export.run_ids[0].removed, 30)
        self._cron(days=10)
        self.assertEqual(self.export.run_count, 4)
        self._cron(days=17)
        self.assertEqual(self.export.run_ids[0].removed, 30)
