"""Part 7, affected people and how they are told: Res. CD/ANPD 15/2024, art. 9."""

import base64
import io
import json
from datetime import date, datetime, timedelta

import psycopg2
from pypdf import PdfReader

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, freeze_time, tagged
from odoo.tools import mute_logger

from .incident_case import FRIDAY, IncidentCase


@tagged("post_install", "-at_install")
class TestIncidentPeople(IncidentCase):
    # === THE LIST === #

    def test_people_are_found_by_a_filter_and_counted_as_the_law_counts(self):
        self.ana.veloc_birth_date = date(1950, 5, 1)
        self.rui.veloc_birth_date = date(2010, 5, 1)
        incident = self._incident()
        query = self._affect(incident, self.ana, self.rui, financial=True)
        self._affect(incident, self.ana, authentication=True)
        self.assertEqual((query.found, query.added), (2, 2))
        self.assertRecordValues(
            incident,
            [
                {
                    "person_count": 2,
                    "elderly_count": 1,
                    "adolescent_count": 1,
                    "financial_count": 2,
                    "authentication_count": 1,
                }
            ],
        )

    def test_people_are_found_by_what_a_user_read_or_exported(self):
        ledger = self.env["veloc.ledger.entry"].with_user(self.clerk)
        ledger._note("read", "res.partner", self.ana.id, subject_id=self.ana.id)
        self.env["veloc.ledger.entry"]._note(
            "read", "res.partner", self.rui.id, subject_id=self.rui.id
        )
        self.env["veloc.ledger.entry"]._write_buffer()
        self.env.cr.execute("SELECT max(at) FROM veloc_ledger_entry_raw")
        (at,) = self.env.cr.fetchone()
        incident = self._incident()
        query = self.env["veloc.incident.query"].create(
            {
                "incident_id": incident.id,
                "kind": "ledger",
                "reader_id": self.clerk.id,
                "from_at": at - timedelta(hours=1),
                "until_at": at + timedelta(hours=1),
            }
        )
        query.with_user(self.officer).action_run()
        self.assertEqual(incident.person_ids.partner_id, self.ana)

    def test_people_are_found_by_a_list_of_ids_and_addresses(self):
        incident = self._incident()
        text = f"id;email\n{self.ana.id};\n;RUI@example.com\n;zoe@example.org\n;?\n"
        query = self.env["veloc.incident.query"].create(
            {
                "incident_id": incident.id,
                "kind": "csv",
                "file": base64.b64encode(text.encode()),
            }
        )
        query.with_user(self.officer).action_run()
        people = incident.person_ids
        self.assertEqual(people.partner_id, self.ana | self.rui)
        self.assertEqual([p.address for p in people if p.address], ["zoe@example.org"])

    def test_a_filter_that_is_code_is_not_run(self):
        incident = self._incident()
        query = self.env["veloc.incident.query"].create(
            {"incident_id": incident.id, "domain": "[('id', '=', __import__('os'))]"}
        )
        with self.assertRaises(UserError):
            query.with_user(self.officer).action_run()

    def test_a_frozen_list_stays_as_it_was_told(self):
        incident = self._incident()
        self._affect(incident, self.ana)
        incident.action_freeze()
        with self.assertRaisesRegex(UserError, "frozen"):
            self._affect(incident, self.rui)
        for attack in (
            "DELETE FROM veloc_incident_person WHERE incident_id = %s",
            "UPDATE veloc_incident_person SET partner_id = 1 WHERE incident_id = %s",
            "INSERT INTO veloc_incident_person (incident_id, round, age, address)"
            " VALUES (%s, 1, 'adult', 'x@example.com')",
        ):
            with (
                self.subTest(attack=attack),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.RestrictViolation),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(attack, [incident.id])

    def test_an_addition_adds_and_removes_nobody(self):
        incident = self._incident()
        self._affect(incident, self.ana)
        incident.action_freeze()
        with self.assertRaises(AccessError):
            incident.with_user(self.analyst).action_open_list()
        incident.action_open_list()
        self._affect(incident, self.rui)
        self.assertEqual(incident.person_count, 2)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.RestrictViolation),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(
                "DELETE FROM veloc_incident_person WHERE partner_id = %s",
                [self.ana.id],
            )

    def test_a_long_list_costs_what_a_short_one_costs(self):
        people = self.env["res.partner"].create([{"name": f"{n}"} for n in range(60)])
        incident = self._incident()
        self._affect(incident, self.ana)
        counts = []
        for group in (people[:2], people[2:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._affect(incident, *group)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    # === LETTERS === #

    def test_nobody_is_written_to_before_the_words_are_approved(self):
        incident = self._incident(impact_fraud=True, criterion_financial=True)
        self._affect(incident, self.ana)
        incident.action_freeze()
        incident.action_decide_notify()
        incident.action_communicate()
        incident.action_prepare_letters()
        with self.assertRaisesRegex(UserError, "approve"):
            incident.action_send_letters()
        with self.assertRaises(AccessError):
            incident.letter_ids.with_user(self.analyst).action_approve()

    def test_a_letter_must_say_what_the_law_wants(self):
        incident = self._incident()
        incident.action_prepare_letters()
        letter = incident.letter_ids[0]
        letter.body = "Hello {name}, {data} {nonsense}"
        with self.assertRaisesRegex(UserError, "nonsense"):
            letter.action_approve()
        letter.body = "Hello {name}, {data}"
        with self.assertRaisesRegex(UserError, "measures"):
            letter.action_approve()

    def test_who_is_late_must_say_why_in_the_letter(self):
        incident = self._incident()
        incident.action_prepare_letters()
        with freeze_time(datetime(2026, 3, 20)):
            with self.assertRaisesRegex(UserError, "Reasons for the delay"):
                incident.letter_ids.action_approve()
            incident.delay_reason = "The supplier answered late"
            incident.letter_ids.action_approve()
            self.assertIn("supplier", incident.letter_ids[0].preview)

    def test_approved_words_are_never_changed(self):
        incident = self._communicating()
        with self.assertRaises(AccessError):
            incident.letter_ids[0].body = "Something else"

    def test_everybody_gets_one_letter_in_their_language(self):
        self.rui.lang = "en_US"
        incident = self._communicating()
        incident.action_send_letters()
        for _again in range(2):
            self._run_letters()
        issued = self.env["veloc.notice.issued"].search(
            [("key", "like", f"incident:{incident.id}:%")]
        )
        self.assertEqual(issued.mapped("partner_id"), self.ana | self.rui)
        self.assertEqual(incident.sent_count, 2)
        mine = {p.partner_id: p._prepare_notice()["text"] for p in incident.person_ids}
        self.assertIn("Olá, Ana", mine[self.ana])
        self.assertIn("Hello Rui", mine[self.rui])
        self.assertIn("dpo@example.com", mine[self.rui])

    def test_who_cannot_be_reached_is_shown_and_makes_a_public_notice_necessary(self):
        self.rui.email = False
        incident = self._communicating()
        incident.action_send_letters()
        self._run_letters()
        self.assertEqual((incident.sent_count, incident.failed_count), (1, 1))
        self.assertTrue(incident.needs_public)
        with self.assertRaisesRegex(UserError, "not reached"):
            self._note(incident, "subjects", at=FRIDAY)
        incident.action_publish()
        self._note(incident, "subjects", at=FRIDAY)
        self.assertTrue(incident.subjects_told_at)

    def test_who_was_not_reached_can_be_tried_again(self):
        self.rui.email = False
        incident = self._communicating()
        incident.action_send_letters()
        self._run_letters()
        self.rui.email = "rui@example.com"
        incident.action_retry_letters()
        self._run_letters()
        self.assertEqual((incident.sent_count, incident.failed_count), (2, 0))

    # === TO THE END === #

    def test_the_whole_way_from_knowledge_to_the_closed_register(self):
        incident = self._communicating()
        incident.action_send_letters()
        self._run_letters()
        self._note(incident, "authority", at=FRIDAY, protocol="ANPD-1")
        self.assertEqual(incident.state, "communicating")
        self._note(incident, "subjects", at=FRIDAY)
        self.assertEqual(incident.state, "communicated")
        self.assertEqual(incident.due_phase, "done")
        with self.assertRaisesRegex(UserError, "Proof sent"):
            incident.action_close()
        incident.action_proved()
        self._note(incident, "addition", "Two more people")
        incident.task_ids.filtered("is_mandatory").action_done()
        incident.action_close()
        self.assertEqual(incident.state, "closed")
        kinds = set(incident.entry_ids.mapped("kind"))
        self.assertLessEqual(
            {"registered", "decision", "list", "letter", "authority", "proof"}, kinds
        )

    def test_a_late_communication_needs_its_reasons(self):
        incident = self._communicating()
        with freeze_time(datetime(2026, 3, 20)):
            with self.assertRaisesRegex(UserError, "reasons"):
                self._note(incident, "authority")
            incident.delay_reason = "The supplier answered late"
            self._note(incident, "authority")
        self.assertTrue(incident.authority_told_at)

    # === THE FORM === #

    def _exported(self, incident, button):
        url = getattr(incident, button)()["url"]
        file = self.env["ir.attachment"].browse(int(url.split("/")[3].split("?")[0]))
        return file.raw

    def test_the_form_has_the_fields_of_the_authority(self):
        incident = self._communicating()
        form = json.loads(self._exported(incident, "action_export_json"))
        items = [row["inciso"] for row in form["campos"]]
        wanted = [
            "I",
            "II",
            "III",
            "IV",
            "V",
            "VI",
            "VII",
            "VIII",
            "IX",
            "X",
            "XI",
            "XII",
        ]
        self.assertEqual(items, [*wanted, "Art. 9º"])
        values = {row["inciso"]: row["valor"] for row in form["campos"]}
        self.assertIn("Total: 2", values["II"])
        self.assertIn("dados financeiros", values["I"])
        self.assertIn("Helena Prado", values["VIII"])
        self.assertEqual(values["V"], "Comunicação no prazo")
        self.assertIn("13/03/2026 18:00", values["VII"])
        pages = PdfReader(io.BytesIO(self._exported(incident, "action_export_pdf")))
        text = "".join(page.extract_text() for page in pages.pages)
        self.assertIn("Helena Prado", text)
        self.assertIn("Motivos da demora", text)

    def test_an_export_is_noted_with_its_hash(self):
        incident = self._incident()
        self._exported(incident, "action_export_json")
        entry = incident.entry_ids.filtered(lambda entry: entry.kind == "export")
        self.assertRegex(entry.text, r"SHA-256 [0-9a-f]{64}")


@tagged("post_install", "-at_install")
class TestIncidentNotice(HttpCase, IncidentCase):
    """The public notice, for everybody and for three months."""

    def setUp(self):
        super().setUp()
        self.incident = self._communicating()

    def _read(self, path):
        return self.url_open(path, timeout=20)

    def test_nothing_is_public_before_an_officer_publishes(self):
        self.assertNotIn("Comunicado sobre", self._read("/veloc/incidents").text)
        self.assertEqual(self._read("/veloc/incidents/0123").status_code, 404)

    def test_the_notice_is_public_for_three_months_in_both_languages(self):
        self.incident.action_publish()
        path = f"/veloc/incidents/{self.incident.public_code}"
        page = self._read("/veloc/incidents")
        self.assertIn(path, page.text)
        answer = self._read(path)
        self.assertIn("Fraudulent messages in our name", answer.text)
        self.assertIn("não foi possível avisar", answer.text)
        self.assertIn("not possible to tell", self._read(path + "?lang=en_US").text)
        self.assertNotRegex(answer.text, r"\bAna\b")
        self.assertNotIn("noindex", answer.text + answer.headers["X-Robots-Tag"])
        with freeze_time(FRIDAY + timedelta(days=89)):
            self.assertIn(self.incident, self.incidents._public_notices())
        with freeze_time(FRIDAY + timedelta(days=93)):
            self.assertNotIn(self.incident, self.incidents._public_notices())

    def test_a_published_notice_cannot_be_taken_down_early(self):
        self.incident.action_publish()
        with self.assertRaises(AccessError):
            self.incident.public_until = FRIDAY
