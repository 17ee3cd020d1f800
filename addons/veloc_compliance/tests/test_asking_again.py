"""LGPD art. 8 § 6 and art. 14: asked again, and children."""

import psycopg2

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .desk_case import DeskCase


@tagged("post_install", "-at_install")
class TestAskingAgain(DeskCase):
    """Art. 8 § 6: a changed purpose is told, counted, and asked again."""

    def _people(self, count):
        people = self.env["res.partner"].create(
            [
                {"name": f"P{n}", "email": f"p{n}@x.example", "tz": False}
                for n in range(count)
            ]
        )
        for person in people:
            self._grant(person, channel="email")
        return people

    def _wizard(self, version, **values):
        wizard = self.env["veloc.purpose.publish"].with_user(self.officer)
        return wizard.create({"version_id": version.id, **values})

    def _run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("veloc_compliance.ir_cron_reconsent").method_direct_trigger()

    def test_heads_are_counted_before_anything_is_published(self):
        self._publish()
        before = self._wizard(self._draft()).standing_count
        self._people(3)
        self._grant(self.ana, channel="email")
        self._grant(self.rui, granted=False)
        draft = self._draft()
        wizard = self._wizard(draft)
        self.assertRecordValues(
            wizard,
            [
                {
                    "standing_count": before + 4,
                    "kept_count": 0,
                    "again_count": before + 4,
                    "reachable_count": before + 4,
                }
            ],
        )
        self.assertEqual(draft.state, "draft")
        keeping = self._wizard(self._draft(keeps_consents=True))
        self.assertEqual((keeping.kept_count, keeping.again_count), (before + 4, 0))

    def test_those_left_without_a_consent_are_asked_once_each(self):
        self._publish()
        people = self._people(3)
        people[2].email = False
        draft = self._draft()
        self._wizard(draft, plan="ask").action_publish()
        verdict = self._ask(people[0], channel="email")
        self.assertEqual(verdict.reason, "consent_outdated")
        round_ = self.env["veloc.reconsent"].search([("version_id", "=", draft.id)])
        self.assertEqual(round_.state, "running")
        self._run_cron()
        self._run_cron()
        asked = [n for n in self.sent if n["partner_id"] in people.ids]
        self.assertEqual(len(asked), 3)
        self.assertEqual((round_.state, round_.unreached_count), ("done", 1))
        self.assertIn("/veloc/preferences/", asked[0]["text"])
        self._grant(people[0])
        self._grant(people[1], granted=False)
        round_.invalidate_recordset()
        lines = round_.person_ids.filtered(lambda p: p.partner_id in people)
        answers = {line.partner_id: line.answer for line in lines}
        self.assertEqual(
            [answers[person] for person in people], ["yes", "no", "silent"]
        )
        self.assertEqual((round_.renewed_count, round_.refused_count), (1, 1))

    def test_the_letter_is_in_the_persons_language(self):
        self._publish()
        self.ana.lang, self.rui.lang = "en_US", "pt_BR"
        self._grant(self.ana)
        self._grant(self.rui)
        self._wizard(self._draft(), plan="ask").action_publish()
        self._run_cron()
        texts = {n["partner_id"]: n["text"] for n in self.sent}
        self.assertIn("no longer counts", texts[self.ana.id])

    def test_a_plan_to_wait_writes_to_nobody(self):
        self._publish()
        self._people(1)
        draft = self._draft()
        self._wizard(draft, plan="wait").action_publish()
        self._run_cron()
        self.assertEqual(draft.state, "published")
        self.assertFalse(self.sent)

    def test_a_paused_round_writes_to_nobody_until_it_goes_on(self):
        self._publish()
        self._people(1)
        draft = self._draft()
        self._wizard(draft, plan="ask").action_publish()
        round_ = self.env["veloc.reconsent"].search([("version_id", "=", draft.id)])
        round_.with_user(self.officer).action_pause()
        self._run_cron()
        self.assertFalse(self.sent)
        with self.assertRaises(AccessError):
            round_.with_user(self.analyst).action_resume()
        round_.with_user(self.officer).action_resume()
        self._run_cron()
        self.assertTrue(self.sent)

    def test_what_cannot_be_published_cannot_be_through_the_dialog_either(self):
        wizard = self._wizard(self._draft(legal_basis="legitimate_interest"))
        self.assertIn("art. 10", wizard.obstacle)
        with self.assertRaises(UserError):
            wizard.action_publish()

    def test_an_analyst_cannot_publish_through_the_dialog(self):
        wizard = self.env["veloc.purpose.publish"].with_user(self.analyst)
        with self.assertRaises(AccessError):
            wizard.create({"version_id": self._draft().id})


@tagged("post_install", "-at_install")
class TestChildren(DeskCase):
    """Art. 14: a guardian's consent is recorded, and opens no marketing."""

    def _record(self, user=None, **values):
        model = self.env["veloc.guardian.consent"].with_user(user or self.officer)
        return model.create(
            {
                "partner_id": self.ana.id,
                "guardian_id": self.rui.id,
                "scope": "Name and school, for the course on money.",
                "verified_by": "document",
                "evidence": "Form 118.",
                **values,
            }
        )

    def test_a_guardians_consent_is_evidence_and_opens_no_marketing(self):
        self.ana.veloc_birth_date = "2012-05-01"
        word = self._record()
        self._grant(self.ana)
        self.assertEqual(word.recorded_by, self.officer)
        self.assertEqual(self._ask(self.ana).reason, "minor")
        self.assertEqual(self.ana.veloc_guardian_consent_ids, word)

    def test_it_can_never_be_changed(self):
        word = self._record()
        with self.assertRaises(UserError):
            word.sudo().write({"granted": False})
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.RestrictViolation),
        ):
            self.env.cr.execute(
                "DELETE FROM veloc_guardian_consent WHERE id = %s", [word.id]
            )

    def test_nobody_is_their_own_guardian_and_no_child_is_one(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.CheckViolation),
            self.env.cr.savepoint(),
        ):
            self._record(guardian_id=self.ana.id)
        self.rui.veloc_birth_date = "2012-05-01"
        with self.assertRaises(ValidationError):
            self._record()

    def test_an_analyst_records_none(self):
        with self.assertRaises(AccessError):
            self._record(self.analyst)
