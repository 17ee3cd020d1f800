from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..models.person import veloc_nightly_hygiene
from .common import CrmCase

CPF = "529.982.247-25"
CNPJ, OTHER_CNPJ = "00.000.000/0001-91", "12.ABC.345/01DE-35"


@tagged("post_install", "-at_install")
class TestPeopleHygiene(CrmCase):
    """Doubles, links and findings come up by themselves and close themselves."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.analyst = new_test_user(
            cls.env, "cleaner", groups="veloc_crm.group_analyst", lang="en_US"
        )

    def _person(self, ref, **data):
        self._ingest(self._signup(ref, 30, **data))
        return self._trader(ref).partner_id

    def _pairs(self, *people):
        ids = [person.id for person in people]
        self.env["veloc.duplicate"]._find_for(ids)
        return self.env["veloc.duplicate"].search(
            [("left_id", "in", ids), ("right_id", "in", ids)]
        )

    def _issues(self, person):
        self.env["veloc.data.issue"]._check_people(person.ids, self.now)
        return self.env["veloc.data.issue"].search(
            [("partner_id", "=", person.id), ("state", "=", "open")]
        )

    def _night(self):
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            nightly = self.env(cr=cr)["veloc.nightly"]
            counts = nightly._do_hygiene(self.now)
        self.env.invalidate_all()
        return counts

    def test_one_night_looks_at_everybody_who_changed(self):
        self._night()
        people = [self._person(f"T-{n}", email=f"{n}@x.example") for n in range(5)]
        self.patch(veloc_nightly_hygiene, "PAGE", 2)
        self.assertGreaterEqual(self._night()["people"], len(people))
        self.assertEqual(self._night()["people"], 0)

    def test_people_who_share_a_phone_are_counted_through_an_index(self):
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute(
            "EXPLAIN SELECT FROM res_partner WHERE phone_sanitized = '+55'"
        )
        plan = " ".join(line for (line,) in self.env.cr.fetchall())
        self.assertIn("veloc_phone_idx", plan)

    # === DOUBLES === #

    def test_two_records_of_one_person_are_listed_with_their_reasons(self):
        one = self._person("T-1", name="Thaís Souza")
        other = self._person("T-2", name="TAIS SOUSA", email="tais@x.example")
        pair = self._pairs(one, other)
        self.assertRecordValues(pair, [{"left_id": one.id, "right_id": other.id}])
        self.assertIn("phone", pair.reasons)
        self.assertGreaterEqual(pair.score, 60)
        self.assertIn("same phone", pair.with_context(lang="en_US").reason_words)

    def test_the_same_cpf_is_certain(self):
        one = self._person("T-1", cpf=CPF)
        other = self._person("T-2", email="b@x.example", phone="11999990000")
        other.veloc_cpf = CPF
        self.assertEqual(self._pairs(one, other).score, 100)

    def _company(self, ref, name, **values):
        company = self._person(ref, name=name, email=f"{ref}@x.example", phone=None)
        company.write({"is_company": True, "name": name, **values})
        return company

    def test_the_same_cnpj_is_certain_and_another_is_another_company(self):
        one = self._company("T-1", "Loja Um", veloc_cnpj=CNPJ)
        other = self._company("T-2", "Dois Ltda", veloc_cnpj="00000000000191")
        pair = self._pairs(one, other)
        self.assertEqual(pair.score, 100)
        self.assertIn("same CNPJ", pair.with_context(lang="en_US").reason_words)
        other.veloc_cnpj = OTHER_CNPJ
        self.assertFalse(self._pairs(one, other))

    def test_a_pair_that_no_longer_holds_goes_and_a_decided_one_stays(self):
        one, other = self._person("T-1"), self._person("T-2", email="b@x.example")
        pair = self._pairs(one, other)
        other.write({"phone": "+5511988887777", "name": "Rosa Prado"})
        self.assertFalse(self._pairs(one, other))
        other.write({"phone": one.phone, "name": one.name})
        pair = self._pairs(one, other)
        pair.with_user(self.analyst).action_different()
        other.write({"phone": "+5511988887777", "name": "Rosa Prado"})
        self.assertEqual(self._pairs(one, other).state, "different")

    def test_linked_people_are_linked_and_not_asked_about_again(self):
        one, other = self._person("T-1"), self._person("T-2", email="b@x.example")
        pair = self._pairs(one, other).with_user(self.analyst)
        pair.action_linked()
        links = self.env["veloc.trader.link"].search([("kind", "=", "declared")])
        self.assertEqual(links.trader_id, self._trader("T-1") | self._trader("T-2"))
        pair.action_reopen()
        self.assertFalse(links.exists())
        self.assertEqual(pair.state, "open")

    def test_agents_decide_nothing(self):
        agent = new_test_user(self.env, "agent2", groups="veloc_crm.group_user")
        pair = self._pairs(
            self._person("T-1"), self._person("T-2", email="b@x.example")
        )
        for action in ("action_different", "action_linked", "action_merge"):
            with self.assertRaises(AccessError):
                getattr(pair.with_user(agent), action)()

    def test_the_number_of_queries_does_not_grow_with_the_people(self):
        people = [
            self._person(
                f"T-{n}", name=f"Ana Reis {n}", email=f"a{n}@x.example", phone=None
            )
            for n in range(12)
        ]
        finder = self.env["veloc.duplicate"]
        finder._find_for([people[0].id])
        self.env.flush_all()
        with self.assertQueryCount(12):
            finder._find_for([people[0].id])
        with self.assertQueryCount(12):
            finder._find_for([person.id for person in people])

    # === LINKS === #

    def test_accounts_on_one_device_are_linked_and_the_device_is_not_stored(self):
        self._person("T-1")
        self._person("T-2", email="b@x.example", phone="11999990000")
        for ref in ("T-1", "T-2"):
            self._ingest(self._event("login", ref, data={"device_id": "abc-123"}))
        self._night()
        links = self.env["veloc.trader.link"].search([("kind", "=", "device")])
        self.assertEqual(links.trader_id, self._trader("T-1") | self._trader("T-2"))
        self.assertEqual(set(links.mapped("size")), {2})
        logins = self.env["veloc.trader.event"].search([("type", "=", "login")])
        self.assertNotIn("abc-123", str(logins.mapped("data")))
        self.assertNotIn("abc-123", str(links.mapped("cluster")))

    def test_accounts_of_one_pix_key_or_home_are_linked(self):
        one = self._person("T-1", name="Ana Prado")
        two = self._person(
            "T-2", name="Rui Prado", email="b@x.example", phone="11999990000"
        )
        (one | two).write({"street": "R. Augusta, 1500", "zip": "01304-001"})
        two.street = "Rua Augusta 1500"
        self.env["veloc.bank.account"].create(
            [
                {"partner_id": person.id, "pix_key": "p@x.example"}
                for person in one | two
            ]
        )
        self._night()
        kinds = self.env["veloc.trader.link"].search([]).mapped("kind")
        self.assertEqual(sorted(kinds), ["bank", "bank", "household", "household"])
        two.street = "Rua Outra 7"
        # Not by the night: in one transaction, nobody changed after it.
        self.env["veloc.duplicate"]._find_for(two.ids)
        changed = self.env["veloc.trader.link"]._rebuild(self.now)
        self.assertEqual(len(changed), 2)
        kinds = self.env["veloc.trader.link"].search([]).mapped("kind")
        self.assertEqual(sorted(kinds), ["bank", "bank"])

    # === FINDINGS === #

    def test_findings_come_and_close_themselves(self):
        person = self._person("T-1", email="ana@gmial.com", name="Teste")
        found = self._issues(person)
        self.assertEqual(
            set(found.mapped("kind")), {"email_typo", "name_test", "cpf_missing"}
        )
        self.assertEqual(self._trader().figures_id.quality_issue_count, 3)
        person.write({"email": "ana@gmail.com", "name": "Ana Reis", "veloc_cpf": CPF})
        self.assertFalse(self._issues(person))
        self.assertEqual(set(found.mapped("state")), {"fixed"})
        self.assertEqual(self._trader().figures_id.quality_issue_count, 0)

    def test_a_company_lacks_a_cnpj_and_never_a_cpf(self):
        company = self._company("T-1", "Loja Um", vat="00.000.000/0001-92")
        found = self._issues(company)
        self.assertEqual(set(found.mapped("kind")), {"cnpj_missing", "cnpj_invalid"})
        company.write({"veloc_cnpj": CNPJ, "vat": False})
        self.assertFalse(self._issues(company))
        self._company("T-2", "Dois Ltda", veloc_cnpj=CNPJ)
        self.assertEqual(self._issues(company).kind, "cnpj_shared")

    def test_a_suggestion_is_applied_by_a_click(self):
        person = self._person("T-1", email="ana@gmial.com")
        issue = self._issues(person).filtered(lambda i: i.kind == "email_typo")
        self.assertEqual(issue.suggestion, "ana@gmail.com")
        self.assertEqual(person.email, "ana@gmial.com")  # never silently
        issue.with_user(self.analyst).action_apply()
        self.assertEqual((person.email, issue.state), ("ana@gmail.com", "fixed"))

    def test_what_was_accepted_is_not_found_again(self):
        person = self._person("T-1", email="ana@gmial.com")
        issue = self._issues(person).filtered(lambda i: i.kind == "email_typo")
        issue.with_user(self.analyst).action_accept()
        self.assertNotIn("email_typo", self._issues(person).mapped("kind"))

    def test_a_minor_is_found(self):
        born = (self.now - timedelta(days=365 * 15)).date().isoformat()
        person = self._person("T-1", birth_date=born)
        self.assertIn("under_age", self._issues(person).mapped("kind"))

    # === THE NIGHT === #

    def test_the_night_looks_at_who_changed_and_measures_everybody(self):
        self._person("T-1", email="ana@gmial.com")
        self._person("T-2", email="b@x.example")
        counts = self._night()
        self.assertGreaterEqual(counts["people"], 2)
        self.assertGreaterEqual(counts["pairs"], 1)
        scores = self.env["veloc.data.quality"].search([("is_latest", "=", True)])
        self.assertEqual(len(scores), 9)
        by_measure = {score.measure: score for score in scores}
        self.assertEqual(by_measure["email"].percent, 100.0)
        self.assertLess(by_measure["unique"].percent, 100.0)
        self.assertEqual(self._night()["people"], 0)

    def test_the_step_is_one_of_the_nights(self):
        steps = self.env["veloc.nightly"]._steps()
        self.assertIn((80, "hygiene", "veloc.nightly", "_do_hygiene"), steps)

    # === ON ENTRY === #

    def test_an_address_comes_in_with_the_person_and_not_with_the_event(self):
        person = self._person(
            "T-1", street="R. Augusta, 1500", zip="01304001", state=None
        )
        self.assertEqual(
            (person.street, person.zip), ("Rua Augusta, 1500", "01304-001")
        )
        self.assertEqual(person.state_id.code, "SP")
        event = self.env["veloc.trader.event"].search([("type", "=", "signup")])
        self.assertNotIn("Augusta", str(event.data))
        self._ingest(self._signup("T-1", 1, street="Al. Santos, 45", zip=None))
        self.assertEqual(
            (person.street, person.zip), ("Alameda Santos, 45", "01304-001")
        )
