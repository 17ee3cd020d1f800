import json
import zipfile
from datetime import timedelta
from io import BytesIO

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from ..rules import privacy_package
from .rights_case import RightsCase


@tagged("post_install", "-at_install")
class TestArticle18IConfirmation(RightsCase):
    """Art. 18 I: whether there is processing."""

    def test_the_answer_comes_at_once_and_says_yes(self):
        request = self._proven("confirmation")
        self.assertEqual(request.state, "done")
        text = self._sealed_mail("confirmation")["text"]
        self.assertIn("we process personal data about you", text)
        self.assertIn("Identity", text)


@tagged("post_install", "-at_install")
class TestArticle18IIAccess(RightsCase):
    """Art. 18 II and 19: access; origin, criteria, purposes, sharing, retention."""

    def test_the_simple_answer_is_there_as_soon_as_the_person_is_proven(self):
        self._grant(self.ana)
        request = self._proven("access")
        page = self.env["veloc.privacy.page"]._follow(request)
        said = str(page["sections"])
        for fact in ("ana@example.com", "Yes, we process", "SMS"):
            self.assertIn(fact, said)
        self.assertNotIn("rui@", said)

    def test_the_full_declaration_holds_what_article_19_asks_for(self):
        self._recipient()
        request = self._proven("access")
        with self._files(request) as archive:
            content = json.loads(archive.read("data.json"))
            pdf = archive.read("declaration.pdf")
        about = content["about"]
        for part in ("controller", "origin", "criteria", "purposes", "sharing"):
            self.assertTrue(about[part], part)
        self.assertIn("retention", about)
        self.assertEqual(about["sharing"][0]["recipient"], "Checker Ltd.")
        (person,) = content["data"]["identity"]["res.partner"]
        self.assertEqual((person["name"], person["veloc_cpf"]), ("Ana", "52998224725"))
        self.assertTrue(pdf.startswith(b"%PDF-"))
        self.assertGreater(len(pdf), 3000)

    def test_nothing_of_another_person_is_in_the_files(self):
        # Three letters would be found by chance among proofs and signatures.
        self.rui.name = "Rui Setembrino"
        self._grant(self.rui)
        request = self._proven("access")
        with self._files(request) as archive:
            content = b"".join(archive.read(name) for name in archive.namelist())
        for foreign in (b"rui@example.com", b"Setembrino", b"11144477735"):
            self.assertNotIn(foreign, content)

    def test_the_files_open_to_the_person_only_once_they_were_looked_through(self):
        request = self._proven("access")
        self.assertFalse(request.package_ids._is_open())
        self._check_all(request)
        self._as(request, self.officer).action_answer()
        self.assertTrue(request.package_ids._is_open())

    def test_what_staff_wrote_in_free_words_is_not_handed_out_by_itself(self):
        self.ana.comment = "<p>Seems to be under watch</p>"
        self.env["veloc.suppression"]._impose(
            self.ana.ids, "complaint", source="staff", note="Under watch too"
        )
        request = self._proven("access")
        with self._files(request) as archive:
            self.assertNotIn(b"nder watch", archive.read("data.json"))

    def test_files_are_sealed_on_the_disk_expire_and_each_download_is_noted(self):
        request = self._proven("access")
        package = request.package_ids
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", package._name),
                    ("res_id", "=", package.id),
                    ("res_field", "=", "file"),
                ]
            )
        )
        self.assertNotIn(b"PK", attachment.raw[:2])
        self.assertNotIn(b"data.json", attachment.raw)
        with self._files(request) as archive:
            self.assertIn("data.json", archive.namelist())
        self.assertEqual(package.downloads, 1)
        self.assertIn("download", self._history(request))
        entry = self.env["veloc.ledger.entry"].search(
            [
                ("kind", "=", "export"),
                ("model", "=", package._name),
                ("res_id", "=", package.id),
            ]
        )
        self.assertEqual(entry.subject_id, self.ana)
        with freeze_time(package.expires_at + timedelta(seconds=1)):
            self.assertEqual(self.env["veloc.privacy.package"]._expire(), 1)
            with self.assertRaises(UserError):
                package._download("test")
        self.assertFalse(attachment.exists())

    def _files(self, request):
        return zipfile.ZipFile(BytesIO(request.package_ids._download("test")))


@tagged("post_install", "-at_install")
class TestArticle18IIICorrection(RightsCase):
    """Art. 18 III: incomplete, inexact or outdated data."""

    def _asked(self):
        correction = {"field": "city", "value": "Santos"}
        return self._proven("correction", correction=correction)

    def test_what_the_person_named_is_proposed_not_applied(self):
        request = self._asked()
        self.assertRecordValues(
            request.correction_ids,
            [{"field": "city", "proposed": "Santos", "decision": "proposed"}],
        )
        self.assertFalse(self.ana.city)
        with self.assertRaisesRegex(UserError, "Approve or refuse"):
            self._as(request, self.officer).action_carry_out()

    def test_an_approved_value_is_in_force_on_every_contact_of_the_person(self):
        twin = self.ana.copy({"email": "ana2@example.com", "phone": False})
        twin.veloc_cpf = self.ana.veloc_cpf
        request = self._proven(
            "correction",
            cpf=self.ana.veloc_cpf,
            correction={"field": "city", "value": "Santos"},
        )
        request.correction_ids.with_user(self.officer).write({"decision": "approved"})
        self._as(request, self.officer).action_carry_out()
        self.assertEqual((self.ana | twin).mapped("city"), ["Santos", "Santos"])
        self.assertFalse(request.steps_left)
        self._as(request, self.officer).action_answer()
        self.assertIn("City: Approved", self._sealed_mail("correction")["text"])

    def test_a_refused_value_needs_a_reason_and_changes_nothing(self):
        request = self._asked()
        line = request.correction_ids.with_user(self.officer)
        line.write({"decision": "refused", "refusal": "The bill shows Campinas."})
        self._as(request, self.officer).action_carry_out()
        self.assertFalse(self.ana.city)
        self.assertIn("The bill shows Campinas.", request.answer_text)

    def test_values_in_force_and_lines_of_others_cannot_be_rewritten(self):
        request = self._asked()
        line = request.correction_ids.with_user(self.officer)
        with self.assertRaises(AccessError):
            line.write({"applied_at": fields.Datetime.now()})
        line.write({"decision": "approved"})
        self._as(request, self.officer).action_carry_out()
        with self.assertRaises(UserError):
            line.write({"proposed": "Recife"})
        request.user_id = self.officer
        with self.assertRaises(AccessError):
            request.correction_ids.with_user(self.analyst).write({"refusal": "x"})


@tagged("post_install", "-at_install")
class TestArticle18IVElimination(RightsCase):
    """Art. 18 IV and 16: anonymise, block, eliminate; what the law keeps is named."""

    def test_holds_are_looked_up_first_and_only_the_encarregado_destroys(self):
        request = self._proven("elimination")
        request.user_id = self.analyst
        with self.assertRaisesRegex(UserError, "encarregado"):
            self._as(request, self.analyst).action_carry_out()
        with self.assertRaisesRegex(UserError, "Check first"):
            self._as(request, self.officer).action_carry_out()

    def test_blocking_ends_every_contact_at_once_and_destroys_nothing(self):
        self._grant(self.ana)
        request = self._proven("elimination")
        self._check_all(request)
        mine = self._as(request, self.officer)
        mine.write({"measure": "block"})
        mine.action_carry_out()
        self.assertFalse(self._ask(self.ana).allowed)
        self.assertEqual(self.ana.email, "ana@example.com")
        mine.action_answer()
        self.assertEqual(request.state, "done")

    def test_elimination_begins_at_once_names_what_the_law_keeps_and_answers(self):
        request = self._proven("elimination")
        self._check_all(request)
        self._as(request, self.officer).action_carry_out()
        erasure = self.env["veloc.erasure"].search([("partner_id", "=", self.ana.id)])
        self.assertEqual(erasure.origin, f"{request._name},{request.id}")
        self.assertEqual(request.state, "done")
        letter = self._sealed_mail("elimination")
        self.assertEqual(letter["to"], "ana@example.com")
        self.assertIn("Measure: Eliminate.", letter["text"])
        self.assertFalse(self._ask(self.ana).allowed)
        self.assertNotIn(self.rui, erasure.partner_id)


@tagged("post_install", "-at_install")
class TestArticle18VPortability(RightsCase):
    """Art. 18 V: the data in a form that another supplier can read."""

    def _package(self):
        self.ana.write({"street": "Rua Ação, 7", "city": "Santos"})
        self._grant(self.ana)
        return self._proven("portability").package_ids._download("test")

    def test_the_file_is_ready_without_staff(self):
        request = self._proven("portability")
        self.assertEqual(request.state, "done")
        self.assertTrue(request.package_ids._is_open())

    def test_the_csv_can_be_imported_again_and_gives_the_same_person(self):
        with zipfile.ZipFile(BytesIO(self._package())) as archive:
            table = archive.read("csv/contact.res.partner.csv")
        (row,) = privacy_package.from_csv(table)
        names = ["email", "phone", "street", "city"]
        loaded = self.env["res.partner"].load(
            ["name", *names], [["Ana", *(row[name] for name in names)]]
        )
        self.assertFalse(loaded["messages"])
        again = self.env["res.partner"].browse(loaded["ids"])
        self.assertEqual(
            [again[name] for name in names], [self.ana[name] for name in names]
        )

    def test_json_and_csv_tell_the_same(self):
        content = self._package()
        data = privacy_package.unpack(content)["data"]
        with zipfile.ZipFile(BytesIO(content)) as archive:
            for data_class, by_model in data.items():
                for model, rows in by_model.items():
                    if rows:
                        name = privacy_package.file_name(data_class, model)
                        table = privacy_package.from_csv(archive.read(name))
                        self.assertEqual(table, rows)
        self.assertTrue(data["consent"]["veloc.consent"])


@tagged("post_install", "-at_install")
class TestArticle18VIConsentedData(RightsCase):
    """Art. 18 VI: elimination of what was processed on consent."""

    def test_consents_end_and_the_contract_stays(self):
        self._grant(self.ana)
        request = self._proven("consent_elimination")
        self._check_all(request)
        self._as(request, self.officer).action_carry_out()
        self.assertEqual(self._ask(self.ana).reason, "consent_revoked")
        self.assertTrue(self._ask(self.ana, "account_service", "email").allowed)
        self.assertEqual(self.ana.email, "ana@example.com")


@tagged("post_install", "-at_install")
class TestArticle18VIIAndVIIIInformation(RightsCase):
    """Art. 18 VII and VIII: with whom, and what refusing means."""

    def test_the_recipients_and_what_they_get_are_named(self):
        self.env["veloc.privacy.recipient"].search([]).active = False
        self._recipient()
        self._proven("sharing")
        text = self._sealed_mail("sharing")["text"]
        for fact in ("Checker Ltd.", "Checks identities", "Brazil", "Identity"):
            self.assertIn(fact, text)

    def test_refusing_is_free_and_costs_only_the_messages(self):
        request = self._proven("refusal_info")
        self.assertEqual(request.state, "done")
        text = self._sealed_mail("refusal_info")["text"]
        self.assertIn("Your account works the same", text)
        self.assertIn(self.purpose("marketing").name, text)


@tagged("post_install", "-at_install")
class TestArticle18IXRevocationAndOpposition(RightsCase):
    """Art. 18 IX and § 2: at once, without staff."""

    def test_a_revocation_is_in_force_with_the_code(self):
        self._grant(self.ana, channel="sms")
        self._grant(self.ana, purpose="bonus", channel="email")
        request = self._open("revocation")
        self._work()
        self.assertTrue(self._ask(self.ana).allowed)
        request._try_code(self._code())
        self.assertEqual(self._ask(self.ana).reason, "consent_revoked")
        verdict = self._ask(self.ana, "bonus", "email")
        self.assertEqual(verdict.reason, "consent_revoked")
        self.assertEqual(request.state, "done")

    def test_the_revocation_names_the_request_as_its_evidence(self):
        request = self._proven("revocation")
        events = self.env["veloc.consent"].search([("partner_id", "=", self.ana.id)])
        self.assertTrue(events)
        self.assertEqual(set(events.mapped("evidence")), {request.number})

    def test_an_opposition_stops_offers_before_anybody_looks_at_it(self):
        self._grant(self.ana)
        request = self._proven("opposition")
        self.assertEqual(request.state, "in_progress")
        self.assertEqual(self._ask(self.ana).reason, "opt_out")
        self.assertTrue(self._ask(self.ana, "account_service", "email").allowed)

    def test_nobody_else_is_touched(self):
        self._grant(self.rui)
        self._proven("revocation")
        self.assertTrue(self._ask(self.rui).allowed)
