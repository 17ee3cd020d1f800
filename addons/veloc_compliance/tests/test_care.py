"""Part 6, suppression and care: people who must be left in peace are."""

from datetime import date, timedelta

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .care_case import CareCase


@tagged("post_install", "-at_install")
class TestCare(CareCase):
    """Issue 4, part 6; the names of the tests are its promises."""

    # === SELF-EXCLUSION === #

    def test_a_person_can_shut_themselves_out_for_a_term_and_it_holds_at_once(self):
        self._grant(self.ana)
        for term, days in (("24h", 1), ("3m", 89)):
            self.blocks._exclude(self.ana.ids, term, "test")
            self.assertFalse(self._ask(self.ana).allowed)
            with freeze_time(self._later(days=days, minutes=-1)):
                self.assertTrue(self._standing(self.ana))

    def test_a_term_can_be_made_longer_and_never_shorter(self):
        for term in ("6m", "1m", "3m"):
            self.blocks._exclude(self.ana.ids, term, "test")
        block = self._standing(self.ana, "self_exclusion")
        self.assertGreater(block.until_at, self._later(days=180))
        self.blocks._exclude(self.ana.ids, "indefinite", "test")
        block.invalidate_recordset()
        self.assertFalse(block.until_at)

    def test_a_term_binds_every_contact_with_the_same_cpf_email_or_phone(self):
        cpf = "529.982.247-25"
        self.ana.veloc_cpf = cpf
        same = (
            self._twin(email="ANA@example.com"),
            self._twin(phone="(11) 96123-4567"),
            self._twin(veloc_cpf=cpf),
        )
        self.blocks._exclude(self.ana.ids, "6m", "test")
        origin = self._standing(self.ana)
        for twin in same:
            block = self._standing(twin, "self_exclusion")
            self.assertEqual(block.until_at, origin.until_at)
            self.assertEqual(block.origin_id, origin)
        self.assertFalse(self._standing(self.rui))

    def test_a_namesake_is_not_bound(self):
        namesake = self._twin(name=self.ana.name)
        self.blocks._exclude(self.ana.ids, "6m", "test")
        self.assertFalse(self._standing(namesake))

    def test_a_second_sign_up_of_the_same_person_inherits_the_term(self):
        self.blocks._exclude(self.ana.ids, "6m", "test")
        again = self._twin(email="ana@EXAMPLE.com")
        block = self._standing(again, "self_exclusion")
        self.assertEqual(block.until_at, self._standing(self.ana).until_at)

    def test_who_turns_out_to_be_bound_later_is_bound_then(self):
        self.blocks._exclude(self.ana.ids, "6m", "test")
        other = self._twin()
        self.assertFalse(self._standing(other))
        other.phone = "+55 11 96123-4567"
        self.assertTrue(self._standing(other, "self_exclusion"))

    def test_a_term_outlives_the_persons_data(self):
        self.blocks._exclude(self.ana.ids, "12m", "test")
        self.ana.write({"name": "x", "email": False, "phone": False})
        again = self._twin(email="ana@example.com")
        self.assertTrue(self._standing(again, "self_exclusion"))

    def test_the_hashes_are_forgotten_with_the_term(self):
        self.blocks._exclude(self.ana.ids, "24h", "test")
        identities = self.env["veloc.care.identity"]
        domain = [("suppression_id.partner_id", "=", self.ana.id)]
        self.assertEqual(identities.search_count(domain), 2)
        self._run_cron("veloc_compliance.ir_cron_care_nightly")
        self.assertEqual(identities.search_count(domain), 2)
        with freeze_time(self._later(days=2)):
            self._run_cron("veloc_compliance.ir_cron_care_nightly")
        self.assertFalse(identities.search_count(domain))

    def test_terms_older_than_the_hashes_bind_after_a_night(self):
        self.blocks._exclude(self.ana.ids, "6m", "test")
        self.env.cr.execute("DELETE FROM veloc_care_identity")
        self.env.invalidate_all()
        twin = self._twin(email="ana@example.com")
        self.assertFalse(self._standing(twin))
        self._run_cron("veloc_compliance.ir_cron_care_nightly")
        self.assertTrue(self._standing(twin, "self_exclusion"))
        self.assertTrue(self._standing(self._twin(email="ana@example.com")))

    def test_a_term_that_is_over_binds_nobody_new(self):
        self.blocks._exclude(self.ana.ids, "24h", "test")
        with freeze_time(self._later(days=2)):
            self.assertFalse(self._standing(self._twin(email="ana@example.com")))

    def test_no_address_stands_in_clear_beside_a_term(self):
        self.blocks._exclude(self.ana.ids, "6m", "test")
        self.env.cr.execute("SELECT string_agg(digest, ' ') FROM veloc_care_identity")
        (text,) = self.env.cr.fetchone()
        for clear in ("ana@example.com", "5511961234567"):
            self.assertNotIn(clear, text)

    def test_neither_admin_nor_sql_ends_a_term_early(self):
        self.blocks._exclude(self.ana.ids, "6m", "test")
        block = self._standing(self.ana)
        with self.assertRaises(AccessError):
            block.with_user(self.env.ref("base.user_admin")).write(
                {"lifted_at": self.now}
            )
        for attack in (
            "UPDATE veloc_suppression SET until_at = now() WHERE id = %s",
            "UPDATE veloc_suppression SET lifted_at = now() WHERE id = %s",
            "UPDATE veloc_suppression SET kind = 'complaint' WHERE id = %s",
            "DELETE FROM veloc_suppression WHERE id = %s",
        ):
            with (
                self.subTest(attack=attack),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.RestrictViolation),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(attack, [block.id])

    def test_a_program_records_a_persons_decision_and_nobody_else_does(self):
        program = new_test_user(
            self.env,
            "recorder",
            groups="base.group_user,veloc_compliance.group_recorder",
        )
        ask = self.blocks.with_user(program).self_exclude
        (answer,) = ask(self.ana.ids, "1m")
        self.assertEqual(answer["kind"], "self_exclusion")
        self.assertTrue(answer["until"])
        with self.assertRaises(UserError):
            ask(self.ana.ids, "2 weeks")
        with self.assertRaises(AccessError):
            self.blocks.with_user(self.clerk).self_exclude(self.ana.ids, "1m")

    def test_people_cost_the_same_queries_however_many_they_are(self):
        make = self.env["res.partner"].create
        people = make(
            [{"name": f"{n}", "email": f"p{n}@example.com"} for n in range(40)]
        )
        self.blocks._exclude(people[:2].ids, "1m", "warm")
        counts = []
        for group in (people[2:4], people[4:]):
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.blocks._exclude(group.ids, "1m", "test")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    # === LOOSENING === #

    def _ask_to_lift(self, block, user=None):
        wizard = self.env["veloc.suppression.lift"].with_user(user or self.first)
        wizard.create(
            {"suppression_ids": block.ids, "note": "Asked in writing"}
        ).action_lift()
        return self.wishes.search([], order="id desc", limit=1)

    def test_nothing_is_loosened_by_one_person(self):
        self.blocks._impose(self.ana.ids, "complaint", source="staff")
        wish = self._ask_to_lift(self._standing(self.ana))
        self.assertTrue(self._standing(self.ana))
        with self.assertRaisesRegex(UserError, "another person"):
            wish.with_user(self.first).action_approve()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.CheckViolation),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(
                "UPDATE veloc_suppression_loosening SET approved_by = requested_by"
                " WHERE id = %s",
                [wish.id],
            )

    def test_loosening_waits_after_the_second_person_agreed(self):
        self.blocks._impose(self.ana.ids, "complaint", source="staff")
        wish = self._ask_to_lift(self._standing(self.ana))
        wish.with_user(self.second).action_approve()
        self._run_cron("veloc_compliance.ir_cron_care_due")
        self.assertTrue(self._standing(self.ana))
        with freeze_time(self._later(hours=25)):
            self._run_cron("veloc_compliance.ir_cron_care_due")
            self.assertFalse(self._standing(self.ana))
        self.assertEqual(wish.state, "done")

    def test_who_shut_themselves_out_without_an_end_waits_a_week(self):
        self.blocks._exclude(self.ana.ids, "indefinite", "test")
        twin = self._twin(email="ana@example.com")
        wish = self._ask_to_lift(self._standing(twin))
        self.assertEqual(wish.partner_id, self.ana, "The origin is what can end.")
        wish.with_user(self.second).action_approve()
        with freeze_time(self._later(days=6)):
            self._run_cron("veloc_compliance.ir_cron_care_due")
            self.assertTrue(self._standing(self.ana))
        with freeze_time(self._later(days=8)):
            self._run_cron("veloc_compliance.ir_cron_care_due")
            self.assertFalse(self._standing(self.ana))
            self.assertFalse(self._standing(twin))

    def test_a_term_that_binds_cannot_even_be_asked_away(self):
        self.blocks._exclude(self.ana.ids, "6m", "test")
        with self.assertRaisesRegex(UserError, "full term"):
            self._ask_to_lift(self._standing(self.ana))

    def test_a_term_chosen_while_a_loosening_waits_wins(self):
        self.blocks._exclude(self.ana.ids, "indefinite", "test")
        wish = self._ask_to_lift(self._standing(self.ana))
        wish.with_user(self.second).action_approve()
        self.blocks._impose(self.ana.ids, "cooling_off", until=self._later(days=30))
        with freeze_time(self._later(days=8)):
            self._run_cron("veloc_compliance.ir_cron_care_due")
            self.assertEqual(self._standing(self.ana).kind, "cooling_off")

    def test_a_waiting_loosening_can_be_withdrawn(self):
        self.blocks._impose(self.ana.ids, "deceased", source="staff")
        wish = self._ask_to_lift(self._standing(self.ana))
        wish.with_user(self.second).action_approve()
        wish.with_user(self.first).action_withdraw()
        with freeze_time(self._later(days=30)):
            self._run_cron("veloc_compliance.ir_cron_care_due")
            self.assertTrue(self._standing(self.ana))

    def test_only_the_desk_decides_about_loosening(self):
        self.blocks._impose(self.ana.ids, "complaint", source="staff")
        wish = self._ask_to_lift(self._standing(self.ana))
        for button in ("action_approve", "action_refuse", "action_withdraw"):
            with self.assertRaises(AccessError):
                getattr(wish.with_user(self.clerk), button)()
        with self.assertRaises(AccessError):
            wish.with_user(self.second).write({"state": "done"})

    def test_asking_twice_is_one_request(self):
        self.blocks._impose(self.ana.ids, "complaint", source="staff")
        block = self._standing(self.ana)
        first = self._ask_to_lift(block)
        self.assertEqual(self._ask_to_lift(block, self.second), first)

    # === MINORS === #

    def test_who_is_under_age_is_marked_when_the_date_is_told(self):
        self.ana.veloc_birth_date = self.now.date() - timedelta(days=17 * 365)
        self.assertTrue(self._standing(self.ana, "minor"))

    def test_the_night_marks_who_was_not_and_releases_who_comes_of_age(self):
        born = date(2010, 2, 14)
        self.env.cr.execute(
            "UPDATE res_partner SET veloc_birth_date = %s WHERE id IN %s",
            [born, (self.ana.id, self.rui.id)],
        )
        self.env.invalidate_all()
        self.blocks._impose(self.rui.ids, "minor", source="staff")
        with freeze_time("2028-02-13 12:00:00"):
            self._run_cron("veloc_compliance.ir_cron_care_nightly")
            self.assertTrue(self._standing(self.ana, "minor"))
        with freeze_time("2028-02-14 12:00:00"):
            self._run_cron("veloc_compliance.ir_cron_care_nightly")
            self.assertFalse(self._standing(self.ana, "minor"))
            self.assertTrue(self._standing(self.rui, "minor"), "Staff said so.")

    # === BANNER === #

    def test_agents_see_why_and_how_to_behave_and_no_details(self):
        self.blocks._impose(
            self.ana.ids,
            "self_exclusion",
            source="staff",
            note="Told us of an illness",
            until=self._later(days=30),
        )
        self.blocks._impose(self.ana.ids, "complaint", source="staff")
        person = self.ana.with_user(self.clerk)
        person.invalidate_recordset()
        first, second = person.veloc_care_banner.split("\n")
        self.assertIn("no offers", first)
        self.assertIn("complaint", second)
        self.assertTrue(person.veloc_is_grave)
        self.assertNotIn("illness", person.veloc_care_banner)
        self.assertFalse(self.rui.veloc_care_banner)

    def test_a_list_of_people_shows_banners_in_one_query(self):
        people = self.ana | self.rui
        self.env.flush_all()
        self.env.invalidate_all()
        people.mapped("name")
        with self.assertQueryCount(1):
            people.mapped("veloc_care_banner")

    # === LEDGER === #

    def test_every_protection_and_its_end_stand_in_the_ledger(self):
        self.blocks._exclude(self.ana.ids, "24h", "test")
        self.blocks._impose(self.ana.ids, "complaint", source="test")
        self.blocks._lift(self.ana.ids, "complaint", source="test")
        self.limits._set_limit(self.ana, "deposit", "month", 10, source="test")
        entries = self.env["veloc.ledger.entry"].search(
            [("subject_id", "=", self.ana.id)]
        )
        models = entries.mapped("model")
        self.assertIn("veloc.suppression", models)
        self.assertIn("veloc.care.limit", models)
        care = entries.filtered(lambda e: e.model == "veloc.suppression")
        self.assertGreaterEqual(len(care), 3)
