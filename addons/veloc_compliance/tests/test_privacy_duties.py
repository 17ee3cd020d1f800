import json
from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .rights_case import RightsCase


@tagged("post_install", "-at_install")
class TestArticle20AutomatedDecisions(RightsCase):
    """Art. 20: a person reviews what programs decided."""

    def _with_decision(self):
        request = self._proven("automated_review")
        request.review_ids.unlink()
        request.step_ids.write({"done_at": False})
        self.env["veloc.privacy.review"].create(
            {
                "request_id": request.id,
                "subject": "Tier",
                "decision": "Gold",
                "version": "Gold, version of 2026-01-01",
                "features": json.dumps({"deposit_total": "1000.00"}),
            }
        )
        return request

    def test_without_a_decision_there_is_nothing_to_review_and_that_is_said(self):
        request = self._proven("automated_review")
        request.review_ids.unlink()
        self.assertIn("No program decided", request._answer_details())

    def test_the_values_it_looked_at_are_shown_and_cannot_be_rewritten(self):
        review = self._with_decision().review_ids.with_user(self.officer)
        self.assertEqual(review.features_text, "deposit_total: 1000.00")
        with self.assertRaises(AccessError):
            review.write({"decision": "Platinum"})

    def test_a_review_needs_a_person_an_outcome_and_reasons(self):
        request = self._with_decision()
        review = request.review_ids
        mine = review.with_user(self.officer)
        with self.assertRaisesRegex(UserError, "reasons"):
            mine.action_record()
        mine.write({"outcome": "upheld", "reason": "The deposits were counted right."})
        with self.assertRaisesRegex(UserError, "A person"):
            review.action_record()
        with self.assertRaisesRegex(UserError, "Still to do"):
            self._as(request, self.officer).action_answer()
        mine.action_record()
        self.assertEqual(review.reviewer_id, self.officer)
        with self.assertRaises(UserError):
            mine.write({"outcome": "annulled"})
        self._as(request, self.officer).action_answer()
        text = self._sealed_mail("automated_review")["text"]
        self.assertIn("The deposits were counted right.", text)
        self.assertIn("deposit_total: 1000.00", text)


@tagged("post_install", "-at_install")
class TestArticle18Paragraph6Propagation(RightsCase):
    """Art. 18 § 6: those with whom the data were shared do the same, and say so."""

    def _carried_out(self, **recipient):
        self.env["veloc.privacy.recipient"].search([]).active = False
        self._recipient().write(recipient)
        correction = {"field": "city", "value": "Santos"}
        request = self._proven("correction", correction=correction)
        request.correction_ids.decision = "approved"
        self._as(request, self.officer).action_carry_out()
        return request

    def test_the_recipient_is_told_who_and_what_once(self):
        request = self._carried_out()
        self._work()
        self._work()
        told = [x for x in self.letters if x["code"] == "privacy_recipient"]
        self.assertEqual([x["to"] for x in told], ["dpo@checker.example"])
        self.assertIn("ana@example.com", told[0]["text"])
        self.assertIn("Santos", told[0]["text"])
        self.assertEqual(request.propagation_ids.state, "sent")

    def test_whoever_does_not_confirm_is_noticed(self):
        word = self._carried_out().propagation_ids
        self.assertFalse(self._is_noticed(word))
        with freeze_time(word.due_at + timedelta(seconds=1)):
            self.assertTrue(self._is_noticed(word))
            self.env["veloc.privacy.propagation"]._mark_overdue()
        self.assertEqual(word.state, "overdue")

    def _is_noticed(self, word):
        watch = self.env["veloc.watch"]
        found = watch._check_propagation_unacknowledged(None, None)
        return str(word.id) in [f.key for f in found]

    def test_the_confirmation_closes_it_and_forgets_the_particulars(self):
        word = self._carried_out().propagation_ids
        wizard = self.env["veloc.privacy.confirm"].with_user(self.officer)
        values = {"propagation_id": word.id, "reference": "CH-77"}
        wizard.create(values).action_confirm()
        self.assertRecordValues(
            word, [{"state": "acknowledged", "reference": "CH-77", "sealed": False}]
        )

    def test_what_is_impossible_needs_a_reason(self):
        word = self._carried_out().propagation_ids
        wizard = self.env["veloc.privacy.confirm"].with_user(self.officer)
        values = {"propagation_id": word.id, "outcome": "impossible"}
        with self.assertRaises(UserError):
            wizard.create({**values, "reference": "no"}).action_confirm()
        reason = "The recipient was wound up in 2025."
        wizard.create({**values, "reference": reason}).action_confirm()
        self.assertEqual(word.state, "impossible")

    def test_a_program_gets_what_is_meant_for_it_and_nobody_else_does(self):
        program = new_test_user(self.env, "checker", "base.group_user")
        word = self._carried_out(way="program", user_id=program.id).propagation_ids
        words = self.env["veloc.privacy.propagation"].with_user(program)
        (told,) = words.pending()
        self.assertEqual(told["who"]["email"], "ana@example.com")
        self.assertEqual(told["values"], {"city": "Santos"})
        self.assertEqual(words.acknowledge([told["id"]], "ok 1"), word.ids)
        self.assertFalse(words.pending())
        stranger = new_test_user(self.env, "stranger", "base.group_user")
        with self.assertRaises(AccessError):
            words.with_user(stranger).pending()


@tagged("post_install", "-at_install")
class TestSecrecy(RightsCase):
    """Law 9,613/98 art. 11 II: nobody learns of a report, not even by a gap."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keeper = new_test_user(
            cls.env,
            "keeper",
            "base.group_user,veloc_compliance.group_secrecy",
        )

    def _mark(self):
        marks = self.env["veloc.secrecy.mark"].with_user(self.keeper)
        return marks.create(
            {
                "partner_id": self.ana.id,
                "kind": "reported",
                "reference": "SEC-2026-1",
                "note": "Deposits by third parties",
            }
        )

    def _seen(self, person):
        """Return all that an officer is shown of a person, as one text."""
        me = self.env["veloc.declaration"].with_user(self.officer)
        partner = person.with_user(self.officer)
        personal = self.env["veloc.personal.data"].with_user(self.officer)
        seen = [me._simple(partner), personal._collect(partner)]
        fields_ = sorted(partner.fields_get())
        return json.dumps([seen, fields_], default=str, sort_keys=True)

    def test_an_officers_export_of_a_marked_person_is_the_same_as_before(self):
        before = self._seen(self.ana)
        self._mark()
        self.env.invalidate_all()
        self.assertEqual(self._seen(self.ana), before)

    def test_a_marked_and_an_unmarked_person_have_files_of_one_shape(self):
        self._mark()
        shapes = [
            {
                data_class: {model: len(rows) for model, rows in by_model.items()}
                for data_class, by_model in self.env["veloc.personal.data"]
                ._collect(person)
                .items()
            }
            for person in (self.ana, self.rui)
        ]
        self.assertEqual(*shapes)
        self.assertNotIn("secrecy", json.dumps(shapes))

    def test_nobody_outside_the_group_reads_counts_or_searches_marks(self):
        mark = self._mark()
        for user in (self.officer, self.analyst, self.env.ref("base.user_admin")):
            theirs = mark.with_user(user)
            for look in (
                lambda m=theirs: m.read(["reference"]),
                lambda m=theirs: m.search_count([]),
                lambda m=theirs: m.search([]),
                lambda m=theirs: m.export_data(["reference"]),
            ):
                with self.assertRaises(UserError):  # AccessError is one of them
                    look()
        self.assertEqual(mark.with_user(self.keeper).note, "Deposits by third parties")

    def test_nothing_leads_from_the_contact_to_its_marks(self):
        targets = {
            field.comodel_name
            for field in self.env["res.partner"]._fields.values()
            if field.relational
        }
        self.assertNotIn("veloc.secrecy.mark", targets)
        mapped = {
            source.model for source in self.env["veloc.personal.data"]._data_map()
        }
        self.assertNotIn("veloc.secrecy.mark", mapped)

    def test_a_marked_contact_can_be_deleted_like_any_other(self):
        guest = self.env["res.partner"].create({"name": "Guest"})
        mark = self._mark()
        mark.sudo().partner_id = guest
        guest.with_user(self.env.ref("base.user_admin")).unlink()
        self.assertTrue(mark.exists())

    def test_the_ledger_notes_a_mark_but_not_about_whom(self):
        mark = self._mark()
        mark.write({"kind": "not_reported"})
        entries = self.env["veloc.ledger.entry"].search(
            [("model", "=", "veloc.secrecy.mark"), ("res_id", "=", mark.id)]
        )
        self.assertTrue(entries)
        self.assertFalse(entries.subject_id)
        for word in ("Ana", "SEC-2026", "reported", str(self.ana.id)):
            self.assertNotIn(word, " ".join(entries.mapped("public")))

    def test_what_was_found_is_encrypted_in_the_table(self):
        mark = self._mark()
        mark.flush_recordset()
        self.cr.execute(
            "SELECT m::text FROM veloc_secrecy_mark m WHERE id = %s", [mark.id]
        )
        self.assertNotIn("third parties", self.cr.fetchone()[0])

    def test_no_menu_of_others_tells_that_there_is_such_a_list(self):
        menu = self.env.ref("veloc_compliance.veloc_secrecy_mark_menu")
        for user, sees in ((self.officer, False), (self.keeper, True)):
            visible = menu.with_user(user)._visible_menu_ids()
            self.assertEqual(menu.id in visible, sees)
