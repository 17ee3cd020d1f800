"""Lists for advertising platforms: who may be on them, and who is taken back."""

import csv
import io
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.veloc_crm.rules import audience_hash

from .common import CrmCase, TraderMixin


class AudienceMixin(TraderMixin):
    """Thirty people in a static segment, who agreed to be handed over by e-mail."""

    PEOPLE = 30

    @classmethod
    def _set_up_audience(cls):
        cls._set_up_broker()
        case = cls()
        case._ingest(
            *(
                case._signup(
                    f"T-{n}",
                    days_ago=9,
                    name=f"Ana Silva {n}",
                    email=f"ana{n}@example.com",
                    phone=f"+55119612345{n:02}",
                    birth_date="1990-02-03",
                )
                for n in range(cls.PEOPLE)
            )
        )
        cls.traders = (
            cls.env["veloc.trader"]
            .search([("external_ref", "like", "T-")])
            .sorted(lambda trader: int(trader.external_ref[2:]))
        )
        cls.partners = cls.traders.partner_id
        cls.segment = cls.env["veloc.segment"].create(
            {"name": "People", "code": "people", "kind": "static"}
        )
        cls.env["veloc.segment.member"].create(
            [
                {
                    "segment_id": cls.segment.id,
                    "trader_id": trader.id,
                    "since": cls.now,
                }
                for trader in cls.traders
            ]
        )
        cls.vendor = cls._make_vendor()
        case._agree(cls.partners)
        cls.export = cls._make_export()

    @classmethod
    def _make_vendor(cls):
        vendor = cls.env["veloc.vendor"].create(
            {
                "name": "Meta Platforms, Inc.",
                "role": "joint_controller",
                "services": "Ads",
                "country_id": cls.env.ref("base.us").id,
                "mechanism": "consent",
                "contract_reference": "Terms",
                "contract_signed_on": "2026-01-01",
            }
        )
        # What the register asks before is the register's own test.
        vendor.sudo().write({"state": "active"})
        return vendor

    @classmethod
    def _make_export(cls, **values):
        export = cls.env["veloc.audience.export"].create(
            {
                "name": "List",
                "segment_id": cls.segment.id,
                "vendor_id": cls.vendor.id,
                "smallest": 20,
                **values,
            }
        )
        export.action_activate()
        return export

    def _agree(self, partners, granted=True, channel="email"):
        answers = self.env["veloc.consent"].record(
            [
                {
                    "partner_id": partner.id,
                    "purpose": "ads_audience",
                    "channel": channel,
                    "granted": granted,
                    "source": "test",
                    "language": "en_US",
                }
                for partner in partners
            ]
        )
        self.assertFalse([answer for answer in answers if "code" in answer])

    def _run(self, export=None, **later):
        now = fields.Datetime.now() + timedelta(**later)
        return (export or self.export)._run(now)

    def _file(self, run, kind="add"):
        """Return the file's rows as dicts."""
        _name, content = run._fetch(kind)
        return list(csv.DictReader(io.StringIO(content.decode())))

    def _hand_over(self, export=None):
        """Make a run and fetch its add file: the platform knows of everybody."""
        run = self._run(export)
        run._fetch("add")
        return run

    def _hash(self, number):
        return audience_hash.sha256(f"ana{number}@example.com")


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

    # === WHAT NOBODY FETCHED === #

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

    # === THE JOB === #

    def _cron(self, **later):
        with freeze_time(fields.Datetime.now() + timedelta(**later)):
            self.env.ref("veloc_crm.ir_cron_audience_exports").method_direct_trigger()
        self.env.invalidate_all()

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
