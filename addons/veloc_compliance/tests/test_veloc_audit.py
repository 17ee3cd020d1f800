from datetime import date, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import NOON
from .watch_case import WatchCase


@tagged("post_install", "-at_install")
class TestVelocAudit(WatchCase):
    """Art. 50: what we promised is looked into, with evidence, in its period."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["veloc.audit.plan"].search([]).write({"active": False})
        cls.plan = cls.env.ref("veloc_compliance.veloc_audit_plan_weekly").copy(
            {"begins_on": date(2026, 3, 9), "owner_id": cls.analyst.id, "active": True}
        )

    def _generate(self, day):
        return self.plan._generate(day)

    def _audit(self):
        return self._generate(NOON.date())

    def _answered(self, audit, **more):
        audit.with_user(self.analyst).action_start()
        audit.check_ids.with_user(self.analyst).write({"answer": "good", **more})
        audit.with_user(self.analyst).summary = "As it should be."
        return audit

    def test_each_period_gets_its_audit_once_with_the_questions_of_the_plan(self):
        audit = self._audit()
        self.assertRecordValues(
            audit,
            [
                {
                    "period_start": date(2026, 3, 9),
                    "due_on": date(2026, 3, 13),
                    "owner_id": self.analyst.id,
                    "state": "open",
                }
            ],
        )
        self.assertEqual(len(audit.check_ids), len(self.plan.question_ids))
        self.assertFalse(self._audit())
        self.assertEqual(audit.activity_ids.user_id, self.analyst)

    def test_weeks_in_which_nothing_ran_are_not_passed_over(self):
        self._audit()
        late = self._generate(date(2026, 4, 1))
        self.assertEqual(len(late), 3)

    def test_a_missed_audit_is_an_alert_and_critical_once_its_period_is_over(self):
        audit = self._audit()
        for day, severity in ((14, None), (17, "critical")):
            with freeze_time(date(2026, 3, day)):
                (found,) = [
                    f for f in self._look("audit_missed", NOON) if f.res_id == audit.id
                ]
            self.assertEqual(found.severity, severity)
        with freeze_time(date(2026, 3, 13)):
            keys = {f.res_id for f in self._look("audit_missed", NOON)}
        self.assertNotIn(audit.id, keys)

    def test_a_change_of_the_plan_leaves_past_audits_alone(self):
        audit = self._audit()
        before = audit.check_ids.mapped("question")
        self.plan.question_ids[0].question = "Something else?"
        self.assertEqual(audit.check_ids.mapped("question"), before)

    def test_the_system_brings_its_own_numbers(self):
        audit = self._audit()
        self._grant(self.ana, at="2026-03-10T12:00:00Z")
        audit.with_user(self.analyst).action_start()
        check = audit.check_ids.filtered(lambda c: c.evidence == "consent")
        self.assertRegex(check.facts, "(Given in|Dados no).*: 1")
        self.assertTrue(check.gathered_at)

    def test_every_kind_of_evidence_can_be_gathered(self):
        audit = self._audit()
        collector = self.env["veloc.audit.evidence"]
        field = self.env["veloc.audit.question"]._fields["evidence"]
        for code, _label in field.selection:
            with self.subTest(evidence=code):
                self.assertTrue(collector._collect(code, audit))

    def test_nobody_concludes_with_an_open_question_or_a_finding_without_words(self):
        audit = self._audit()
        audit.with_user(self.analyst).action_start()
        with self.assertRaisesRegex(UserError, "Not answered yet"):
            audit.with_user(self.analyst).action_finish()
        audit.check_ids.answer = "good"
        audit.check_ids[0].answer = "finding"
        with self.assertRaisesRegex(UserError, "what is wrong"):
            audit.with_user(self.analyst).action_finish()

    def test_a_question_that_needs_a_file_cannot_be_answered_without_one(self):
        audit = self._audit()
        audit.check_ids[0].wants_file = True
        self._answered(audit)
        with self.assertRaisesRegex(UserError, "file is missing"):
            audit.with_user(self.analyst).action_finish()
        file = self.env["ir.attachment"].create({"name": "proof.txt", "raw": b"seen"})
        audit.check_ids[0].file_ids = file
        audit.with_user(self.analyst).action_finish()
        self.assertEqual(audit.state, "done")

    def test_a_finding_becomes_an_alert(self):
        audit = self._answered(self._audit())
        audit.check_ids[0].write({"answer": "finding", "note": "Nobody looked."})
        audit.with_user(self.analyst).action_finish()
        self.assertIn("Nobody looked.", self._live("audit_finding").detail)

    def test_what_is_concluded_never_changes_not_even_for_the_administrator(self):
        audit = self._answered(self._audit())
        audit.with_user(self.analyst).action_finish()
        self.assertRecordValues(
            audit, [{"state": "done", "done_by_id": self.analyst.id}]
        )
        admin = self.env.ref("base.user_admin")
        for user in (self.analyst, self.officer, admin):
            with self.assertRaises(UserError):
                audit.with_user(user).summary = "Better."
            with self.assertRaises(UserError):
                audit.check_ids.with_user(user).write({"answer": "good"})
            with self.assertRaises(AccessError):
                audit.with_user(user).unlink()

    def test_people_answer_and_write_neither_numbers_nor_states(self):
        audit = self._audit()
        audit.with_user(self.analyst).write({"state": "done", "due_on": "2030-01-01"})
        self.assertRecordValues(audit, [{"state": "open", "due_on": date(2026, 3, 13)}])
        check = audit.check_ids[0].with_user(self.analyst)
        check.write({"facts": "all fine", "question": "Is it sunny?", "note": "seen"})
        self.assertRecordValues(check, [{"facts": False, "note": "seen"}])

    def test_a_viewer_does_no_audits(self):
        with self.assertRaises(AccessError):
            self._audit().with_user(self.viewer).action_start()

    def test_the_shipped_plans_are_weekly_monthly_and_quarterly(self):
        for period in ("weekly", "monthly", "quarterly"):
            plan = self.env.ref(f"veloc_compliance.veloc_audit_plan_{period}")
            self.assertEqual(plan.period, period)
            self.assertGreaterEqual(len(plan.question_ids), 7)

    def test_the_cron_opens_the_audits_of_the_period(self):
        with self.enter_registry_test_mode(), freeze_time(NOON + timedelta(days=7)):
            self.env.ref("veloc_compliance.ir_cron_audits").method_direct_trigger()
        self.assertEqual(len(self.plan.audit_ids), 2)
