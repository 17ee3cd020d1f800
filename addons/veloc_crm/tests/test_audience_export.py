"""Lists for advertising platforms: who may be on them, and who is taken back."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.veloc_crm.rules import audience_hash

from .audience_case import AudienceMixin
from .common import CrmCase


@tagged("post_install", "-at_install")
class TestAudienceExport(AudienceMixin, CrmCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_audience()

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    # === WHO === #

    def test_who_agreed_is_handed_over_hashed_and_nothing_else_of_them(self):
        rows = self._file(self._run())
        self.assertEqual(len(rows), self.PEOPLE)
        self.assertEqual(
            {row["email"] for row in rows},
            {self._hash(number) for number in range(self.PEOPLE)},
        )
        others = {cell for row in rows for key, cell in row.items() if key != "email"}
        self.assertEqual(others, {""})

    def test_who_did_not_agree_is_on_no_list(self):
        self._agree(self.partners[:3], granted=False)
        run = self._run()
        self.assertEqual(
            (run.members, run.without_consent, run.withheld, run.exported),
            (30, 3, 0, 27),
        )
        emails = {row["email"] for row in self._file(run)}
        self.assertNotIn(self._hash(0), emails)

    def test_consent_for_the_phone_hands_over_the_phone_alone(self):
        self._agree(self.partners, granted=False)
        self._agree(self.partners, channel="whatsapp")
        rows = self._file(self._run())
        self.assertFalse(any(row["email"] for row in rows))
        self.assertEqual(
            rows and {len(row["phone"]) for row in rows},
            {64},
        )

    def test_marketing_consent_is_not_consent_to_share(self):
        self._agree(self.partners, granted=False)
        self.env["veloc.consent"].record(
            [
                {
                    "partner_id": partner.id,
                    "purpose": "marketing",
                    "channel": "email",
                    "granted": True,
                    "source": "test",
                }
                for partner in self.partners
            ]
        )
        self.assertEqual(self._run().exported, 0)

    def test_people_under_protection_are_on_no_audience_and_no_seed(self):
        suppressions = self.env["veloc.suppression"]
        for number, kind in enumerate(("self_exclusion", "complaint", "loss_limit")):
            suppressions._impose(self.partners[number].ids, kind, source="test")
        self.partners[3].veloc_birth_date = fields.Date.today() - timedelta(days=6000)
        for kind in ("audience", "seed"):
            export = self._make_export(kind=kind)
            with self.subTest(kind=kind):
                run = self._run(export)
                self.assertEqual(run.withheld, 4)
                emails = {row["email"] for row in self._rows_of(run)}
                for number in range(4):
                    self.assertNotIn(self._hash(number), emails)

    def _rows_of(self, run):
        return self._file(run) if run.added else []

    def test_who_is_protected_is_on_the_list_that_ads_leave_alone(self):
        suppressions = self.env["veloc.suppression"]
        suppressions._impose(self.partners[0].ids, "self_exclusion", source="test")
        suppressions._impose(self.partners[1].ids, "minor", source="test")
        suppressions._impose(self.partners[2].ids, "self_exclusion", source="test")
        self._agree(self.partners[2], granted=False)
        run = self._run(self._make_export(kind="suppression"))
        emails = {row["email"] for row in self._file(run)}
        self.assertIn(self._hash(0), emails)
        self.assertNotIn(self._hash(1), emails, "a minor's data go nowhere")
        self.assertNotIn(self._hash(2), emails, "who did not agree is on no list")

    def test_the_hour_of_the_day_does_not_matter(self):
        for hour in (3, 15):
            night = fields.Datetime.now().replace(hour=hour) + timedelta(days=1)
            found = self.env["veloc.audience.people"]._find(self.export, night)
            self.assertEqual(found.counts["exported"], self.PEOPLE)

    def test_a_seed_is_the_most_valuable_people(self):
        self._ingest(
            *(
                self._deposit(f"{100 + number}.00", trader=f"T-{number}")
                for number in range(25)
            )
        )
        export = self._make_export(kind="seed", seed_size=20)
        emails = {row["email"] for row in self._file(self._run(export))}
        self.assertEqual(emails, {self._hash(number) for number in range(5, 25)})

    def test_a_short_list_adds_nobody(self):
        self._agree(self.partners[:11], granted=False)
        run = self._run()
        self.assertEqual((run.exported, run.added), (0, 0))

    def test_a_care_segment_is_no_audience(self):
        self.segment.for_care = True
        with self.assertRaises(ValidationError):
            self._make_export()
        self.assertTrue(self._make_export(kind="suppression"))

    def test_names_and_places_are_told_only_where_the_list_says_so(self):
        export = self._make_export(has_details=True, platform="google")
        (row, *_rest) = self._file(self._run(export))
        self.assertEqual(row["First Name"], audience_hash.sha256("ana"))
        self.assertEqual(row["Country"], "BR")

    # === BACK AGAIN === #

    def test_a_second_run_says_only_what_changed(self):
        self._hand_over()
        run = self._run(days=1)
        self.assertEqual((run.exported, run.added, run.removed), (30, 0, 0))
        with self.assertRaises(UserError):
            run.action_fetch_add()

    def test_who_takes_it_back_is_in_the_remove_file(self):
        self._hand_over()
        self._agree(self.partners[4], granted=False)
        run = self._run(days=1)
        self.assertEqual((run.added, run.removed), (0, 1))
        self.assertTrue(run.is_removal_open)
        (row,) = self._file(run, "remove")
        self.assertEqual(row["email"], self._hash(4))
        self.assertFalse(run.is_removal_open)
        self.assertEqual(self.export.member_count, 29)

    def test_a_changed_address_is_exchanged(self):
        self._hand_over()
        self.partners[4].email = "other@example.com"
        run = self._run(days=1)
        self.assertEqual((run.added, run.removed), (1, 1))
        (row,) = self._file(run, "remove")
        self.assertEqual(row["email"], self._hash(4))

    def test_an_ended_list_removes_everybody(self):
        self._hand_over()
        self.export.action_end()
        run = self._run(days=1)
        self.assertEqual((run.removed, self.export.member_count), (30, 0))
        self.assertEqual(self.export.next_run_at, run.expires_at)
        run._fetch("remove")
        self.assertFalse(self.export.next_run_at)

    def test_a_recipient_that_is_no_longer_in_use_gets_removals_only(self):
        self._hand_over()
        self.vendor.sudo().write({"state": "ended"})
        run = self._run(days=1)
        self.assertEqual((run.added, run.removed), (0, 30))
        self.assertTrue(run.problem)

    # === THE JOB === #

    def test_the_job_makes_what_is_due_once(self):
        self.export.interval = "day"
        self._cron(minutes=1)
        self._cron(minutes=2)
        self.assertEqual(self.export.run_count, 1)
        self._cron(days=1, minutes=5)
        self.assertEqual(self.export.run_count, 2)

    def test_a_list_by_hand_is_looked_at_daily_for_removals(self):
        self.export.action_run()
        self.export.run_ids._fetch("add")
        self._cron(days=1, minutes=5)
        self.assertEqual(self.export.run_count, 1)
        self._agree(self.partners[4], granted=False)
        self._cron(days=3)
        self.assertEqual(self.export.run_ids[0].removed, 1)

    # === THE FILES === #

    def test_the_files_are_sealed_and_destroyed_after_their_days(self):
        run = self._run()
        stored = self.env["ir.attachment"].search(
            [
                ("res_model", "=", run._name),
                ("res_id", "=", run.id),
                ("res_field", "!=", False),
            ]
        )
        self.assertEqual(len(stored), 1)
        self.assertNotIn(b"email", stored.raw)
        with freeze_time(fields.Datetime.now() + timedelta(days=8)):
            run._gc_files()
        self.assertFalse(stored.exists())
        with self.assertRaises(UserError):
            run._fetch("add")

    def test_each_file_that_leaves_is_logged_with_its_hash(self):
        run = self._run()
        self._file(run)
        (log,) = self.env["veloc.export.log"].search(
            [("res_model", "=", "veloc.audience.member")], limit=1
        )
        self.assertEqual((log.rows, log.state), (30, "taken"))
        self.env.flush_all()
        self.env["veloc.ledger.entry"]._write_buffer()
        entries = self.env["veloc.ledger.entry"].search(
            [("model", "=", run._name), ("res_id", "=", run.id)]
        )
        self.assertEqual(set(entries.mapped("kind")), {"export"})
        self.assertIn(run.add_sha256, entries[0].public or "")

    def test_more_rows_than_the_day_allows_do_not_leave(self):
        analyst = new_test_user(self.env, "analyst3", groups="veloc_crm.group_analyst")
        self.env.ref("veloc_crm.group_analyst").veloc_export_rows = 10
        run = self._run()
        with self.assertRaises(UserError):
            run.with_user(analyst)._fetch("add")

    # === WHO MAY === #

    def test_a_recipient_must_be_in_use_first(self):
        self.vendor.sudo().write({"state": "draft"})
        with self.assertRaises(UserError):
            self._make_export()

    def test_what_is_in_use_keeps_its_segment_and_recipient(self):
        for values in ({"platform": "google"}, {"kind": "seed"}):
            with self.assertRaises(UserError):
                self.export.write(values)
        with self.assertRaises(UserError):
            self.export.unlink()

    def test_analysts_make_lists_and_agents_do_not_see_them(self):
        agent = new_test_user(self.env, "agent3", groups="veloc_crm.group_user")
        analyst = new_test_user(self.env, "analyst4", groups="veloc_crm.group_analyst")
        self.assertFalse(self.export.with_user(agent).has_access("read"))
        action = self.export.with_user(analyst).action_run()
        self.assertEqual(action["res_model"], "veloc.audience.run")


@tagged("post_install", "-at_install")
class TestAudienceFile(AudienceMixin, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_audience()

    def test_a_file_is_fetched_by_who_may_and_by_nobody_else(self):
        run = self._run()
        url = f"{self.base_url()}/veloc/audience/{run.id}/add"
        new_test_user(self.env, "agent5", groups="veloc_crm.group_user")
        new_test_user(self.env, "analyst5", groups="veloc_crm.group_analyst")
        self.authenticate("agent5", "agent5")
        self.assertEqual(self.opener.get(url, timeout=30).status_code, 404)
        self.authenticate("analyst5", "analyst5")
        answer = self.opener.get(url, timeout=30)
        self.assertEqual(answer.status_code, 200)
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        self.assertEqual(len(answer.text.splitlines()), 31)
        wrong = f"{self.base_url()}/veloc/audience/{run.id}/all"
        self.assertEqual(self.opener.get(wrong, timeout=30).status_code, 404)
