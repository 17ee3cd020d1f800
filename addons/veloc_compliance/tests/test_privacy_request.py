from datetime import timedelta

from psycopg2 import errors

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .rights_case import CPF_ANA, CPF_RUI, RightsCase


@tagged("post_install", "-at_install")
class TestArticle18Identity(RightsCase):
    """Art. 18 § 3: the request of the person, or of a representative with proof."""

    def test_a_person_is_found_by_cpf_email_and_phone_exactly(self):
        for told in (
            {"cpf": CPF_ANA},
            {"cpf": "52998224725"},
            {"email": " ANA@example.com "},
            {"phone": "11 96123-4567"},
        ):
            with self.subTest(told):
                match = self._open("confirmation", **told)._match()
                self.assertEqual(match.outcome, "one")
                self.assertEqual(match.people, (self.ana.id,))

    def test_a_namesake_is_never_found(self):
        self.env["res.partner"].create({"name": "Ana", "email": "other@example.com"})
        request = self._open("access", email="ana@example.com")
        self._work()
        self.assertEqual(request.candidate_ids.partner_id, self.ana)
        self.assertEqual(request.candidate_ids.why, "E-mail")

    def test_contacts_of_one_cpf_are_one_person_and_say_why(self):
        second = self.ana.copy({"email": "ana.work@example.com", "phone": False})
        second.veloc_cpf = CPF_ANA
        request = self._open("access", cpf=CPF_ANA)
        self._work()
        self.assertEqual(request._partners(), self.ana | second)
        self.assertEqual(set(request.candidate_ids.mapped("why")), {"CPF"})
        self.assertFalse(request.needs_desk)

    def test_two_people_who_share_a_phone_are_decided_by_a_person(self):
        self.rui.phone = self.ana.phone
        request = self._open("access", phone=self.ana.phone)
        self._work()
        self.assertRecordValues(
            request, [{"needs_desk": True, "partner_id": False, "codes_sent": 0}]
        )
        self.assertFalse(self.letters)
        chosen = request.candidate_ids.filtered(lambda c: c.partner_id == self.ana)
        chosen.with_user(self.officer).action_choose()
        self._as(request, self.officer).action_send_code()
        self.assertEqual(self.letters[-1]["partner_id"], self.ana.id)

    def test_a_cpf_that_contradicts_the_email_is_decided_by_a_person(self):
        request = self._open("access", email="ana@example.com", cpf=CPF_RUI)
        self._work()
        self.assertTrue(request.needs_desk)
        self.assertFalse(self.letters)

    def test_the_code_goes_to_the_data_we_hold_not_to_what_was_typed(self):
        self._open("access", phone="11961234567")
        self._work()
        self.assertEqual(self.letters[-1]["to"], "ana@example.com")

    def test_nothing_is_disclosed_or_begun_before_the_proof(self):
        request = self._open("access")
        self._work()
        self.assertEqual(request.state, "identity_unverified")
        self.assertFalse(request.package_ids)
        page = self.env["veloc.privacy.page"]._follow(request)
        self.assertEqual(set(page), {"asked", "is_proven"})

    def test_the_database_refuses_work_without_proof(self):
        request = self._open("access")
        with (
            self.assertRaises(errors.CheckViolation),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            request.state = "in_progress"
            request.flush_recordset()

    def test_a_wrong_code_a_late_code_and_the_sixth_try_prove_nothing(self):
        request = self._open("access")
        self._work()
        code = self._code()
        with freeze_time(fields.Datetime.now() + timedelta(minutes=31)):
            self.assertFalse(request._try_code(code))
        for _try in range(4):
            self.assertFalse(request._try_code("0000 0000"))
        self.assertFalse(request._try_code(code))
        self.assertEqual(request.state, "identity_unverified")

    def test_a_code_of_one_request_is_void_for_another(self):
        first, second = self._open("access"), self._open("portability")
        self._work()
        code = self._code()
        owner = second if second._code_hash(code) == second.code_hash else first
        other = (first | second) - owner
        self.assertFalse(other._try_code(code))
        self.assertTrue(owner._try_code(code))

    def test_a_representative_needs_a_proof_that_a_person_judges(self):
        told = {"name": "Marta Dias", "email": "marta@example.com"}
        request = self._open("confirmation", representative=told)
        self._work()
        self.assertTrue(request.needs_desk)
        self.assertFalse(self.letters)
        with self.assertRaisesRegex(UserError, "proved"):
            self._as(request, self.officer)._verify_by_desk("ok")
        self._as(request, self.officer)._verify_by_desk("Power of attorney 12/2026")
        self.assertEqual(self.letters[-1]["to"], "marta@example.com")
        self.assertEqual(request.verified_by_id, self.officer)

    def test_whoever_is_unknown_hears_so_only_in_their_own_mailbox(self):
        request = self._open("access", email="nobody@example.com")
        self._work()
        self.assertEqual(self.letters[-1]["to"], "nobody@example.com")
        self.assertEqual(self.letters[-1]["code"], "privacy_nothing_found")
        self.assertEqual(request.state, "done")

    def test_a_request_nobody_proved_ends_and_what_was_claimed_is_gone(self):
        request = self._open("access")
        self._work()
        with freeze_time(request.due_at + timedelta(minutes=1)):
            self._deadlines()
        self.assertRecordValues(
            request, [{"state": "expired", "told_sealed": False, "access_hash": False}]
        )

    def _deadlines(self):
        with self.enter_registry_test_mode():
            cron = self.env.ref("veloc_compliance.ir_cron_privacy_deadlines")
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def test_what_was_claimed_is_not_in_the_table_in_clear(self):
        request = self._open("access", cpf=CPF_ANA, details="My late aunt")
        request.flush_recordset()
        self.cr.execute(
            "SELECT r::text FROM veloc_privacy_request r WHERE id = %s", [request.id]
        )
        (row,) = self.cr.fetchone()
        for told in ("52998224725", CPF_ANA, "aunt"):
            self.assertNotIn(told, row)
        self.assertEqual(request.details, "My late aunt")
        self.assertEqual(request.told_identity, "***.982.247-**")


@tagged("post_install", "-at_install")
class TestArticle19Terms(RightsCase):
    """Art. 19: simplified at once, full within fifteen calendar days."""

    def test_the_term_is_fifteen_calendar_days_over_weekends(self):
        with freeze_time("2026-02-13 18:00:00"):  # the Friday before carnival
            request = self._open("access")
        self.assertEqual(str(request.due_at), "2026-02-28 18:00:00")

    def test_day_12_warns_and_day_15_is_a_breach(self):
        with freeze_time("2026-03-02 09:00:00"):
            request = self._proven("access")
        watch = self.env["veloc.watch"]
        cases = (
            ("2026-03-14 08:59:00", "on_time", 0, 0),
            ("2026-03-14 09:00:00", "due", 1, 0),
            ("2026-03-17 09:00:00", "overdue", 0, 1),
        )
        for now, clock, due, overdue in cases:
            with self.subTest(now), freeze_time(now):
                request.invalidate_recordset(["clock"])
                self.assertEqual(request.clock, clock)
                self.assertEqual(
                    request.search([("clock", "=", clock), ("id", "=", request.id)]),
                    request,
                )
                key = str(request.id)
                found = [f.key for f in watch._check_privacy_request_due(None, None)]
                self.assertEqual(found.count(key), due)
                found = [
                    f.key for f in watch._check_privacy_request_overdue(None, None)
                ]
                self.assertEqual(found.count(key), overdue)

    def test_an_unproven_request_is_no_breach_unless_the_desk_must_judge(self):
        request = self._open("access")
        self._work()
        watch = self.env["veloc.watch"]
        with freeze_time(request.due_at + timedelta(hours=1)):
            keys = {f.key for f in watch._check_privacy_request_overdue(None, None)}
            self.assertNotIn(str(request.id), keys)
            request.needs_desk = True
            keys = {f.key for f in watch._check_privacy_request_overdue(None, None)}
            self.assertIn(str(request.id), keys)

    def test_an_extension_needs_a_reason_that_the_person_is_told(self):
        request = self._proven("access")
        later = request.due_at + timedelta(days=7)
        mine = self._as(request, self.officer)
        for until, reason, note in (
            (later, "volume", "  "),
            (later, False, "Many records"),
            (request.due_at, "volume", "Many records"),
            (request.due_at + timedelta(days=16), "volume", "Many records"),
        ):
            with self.assertRaises(UserError):
                mine._extend(until, reason, note)
        mine._extend(later, "volume", "Nine years of trades.")
        self.assertEqual(request.due_at, later)
        self.assertEqual(request.first_due_at, later - timedelta(days=7))
        self.assertIn("Nine years of trades.", self._sealed_mail("extended")["text"])

    def test_a_refusal_without_reason_or_ground_is_impossible(self):
        request = self._proven("access")
        mine = self._as(request, self.officer)
        for ground, reason in (("", "A good long reason."), ("unfounded", "no")):
            with self.assertRaises(UserError):
                mine._deny(ground, reason)
        with (
            self.assertRaises(errors.CheckViolation),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            request.state = "denied"
            request.flush_recordset()
        mine._deny("trade_secret", "The model itself is our trade secret.")
        letter = self._sealed_mail("denied")
        self.assertIn("The model itself is our trade secret.", letter["text"])
        self.assertIn("art. 19", letter["text"])

    def test_who_did_not_prove_their_identity_is_not_written_to(self):
        request = self._open("access")
        self._work()
        self.letters.clear()
        self._as(request, self.officer)._deny(
            "identity_not_proven", "No proof was sent in."
        )
        self.assertFalse(self.letters)

    def test_asking_twice_is_one_request(self):
        first = self._proven("access")
        second = self._proven("access")
        self.assertRecordValues(
            second, [{"state": "duplicate", "duplicate_of_id": first.id}]
        )

    def test_the_answer_waits_for_the_whole_checklist(self):
        request = self._proven("access")
        mine = self._as(request, self.officer)
        with self.assertRaisesRegex(UserError, "Still to do"):
            mine.action_answer()
        self._check_all(request)
        mine.action_answer()
        self.assertEqual(request.state, "done")
        self.assertTrue(request.package_ids.released_at)
        self.assertIn("/veloc/privacy/", self._sealed_mail("access")["text"])


@tagged("post_install", "-at_install")
class TestTheDesk(RightsCase):
    """Who may do what with requests, and what stays of it."""

    def test_by_phone_anybody_of_compliance_writes_it_down_and_sees_no_more(self):
        viewer = new_test_user(self.env, "caller", "veloc_compliance.group_viewer")
        form = Form(self.env["veloc.privacy.intake"].with_user(viewer))
        form.kind, form.email = "correction", "ana@example.com"
        dialog = form.save()
        answer = dialog.action_open()
        self.assertFalse(dialog.email, "the dialog keeps nothing in clear")
        request = self.requests.search([], order="id desc", limit=1)
        self.assertEqual(request.origin, "desk")
        self.assertIn(request.number, answer["params"]["message"])
        with self.assertRaises(AccessError):
            request.with_user(viewer).read(["state"])

    def test_programs_open_requests_and_learn_nothing(self):
        program = new_test_user(self.env, "program", "veloc_compliance.group_recorder")
        requests = self.requests.with_user(program)
        known = requests.open("access", {"email": "ana@example.com"})
        unknown = requests.open("access", {"email": "nobody@example.com"})
        self.assertEqual(known.keys(), unknown.keys())
        self.assertEqual(known["state"], unknown["state"])
        for kind, identity in (
            ("gossip", "ana@example.com"),
            ("access", {}),
            ("access", 5),
        ):
            with self.assertRaises(UserError):
                requests.open(kind, identity)
        stranger = new_test_user(self.env, "stranger", "base.group_user")
        with self.assertRaises(AccessError):
            self.requests.with_user(stranger).open("access", "ana@example.com")

    def test_states_cannot_be_written_even_by_an_officer(self):
        request = self._open("access")
        for values in (
            {"state": "done"},
            {"partner_id": self.rui.id},
            {"due_at": False},
        ):
            with self.assertRaises(AccessError):
                self._as(request, self.officer).write(values)
        self._as(request, self.officer).write({"user_id": self.analyst.id})

    def test_history_cannot_be_changed_by_anybody(self):
        request = self._open("access")
        with self.assertRaises(UserError):
            request.event_ids.write({"what": "state"})
        with self.assertRaises(UserError):
            request.event_ids.unlink()
        with (
            self.assertRaises(errors.RestrictViolation),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.cr.execute("DELETE FROM veloc_privacy_event")

    def test_an_analyst_sees_no_request_and_no_file_of_a_colleague(self):
        request = self._proven("access")
        request.user_id = self.officer
        package = request.package_ids.with_user(self.analyst)
        for records in (self._as(request, self.analyst), package):
            self.assertFalse(records.has_access("read"))
        with self.assertRaises(AccessError):
            package.action_download()
        self._as(request, self.officer).write({"user_id": self.analyst.id})
        self.assertTrue(package.has_access("read"))

    def test_every_step_is_in_the_ledger_without_a_name(self):
        request = self._proven("confirmation")
        entries = self.env["veloc.ledger.entry"].search(
            [("model", "=", request._name), ("res_id", "=", request.id)]
        )
        said = " ".join(entries.mapped("public"))
        for what in ("received", "matched", "code_sent", "verified", "letter"):
            self.assertIn(f'"{what}"', said)
        self.assertNotIn("ana@", said)
        self.assertEqual(set(entries.mapped("kind")), {"request"})
