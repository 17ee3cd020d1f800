"""Proofs from elsewhere: the file is kept, every row is answered, nothing twice."""

import base64
import csv
import hashlib
import io
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged

from .common import ComplianceCase

HEAD = "email;telefone;finalidade;canal;aceite;data;origem\n"


@tagged("post_install", "-at_install")
class TestConsentImport(HttpCase, ComplianceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = new_test_user(
            cls.env, "dpo", groups="veloc_compliance.group_officer"
        )

    def _job(self, text, **values):
        return (
            self.env["veloc.consent.import"]
            .with_user(self.officer)
            .create(
                {
                    "filename": "fair.csv",
                    "file": base64.b64encode(text.encode()),
                    **values,
                }
            )
        )

    def _import(self, *rows, head=HEAD, **values):
        job = self._job(head + "\n".join(rows) + "\n", **values)
        job.action_import()
        return job

    def _outcomes(self, job):
        return [(row.line, row.outcome, row.code or "") for row in job.row_ids]

    GOOD = "ana@example.com;;marketing;SMS;sim;03/02/2026 10:20;feira"

    def test_a_good_row_becomes_a_consent_with_its_proof(self):
        job = self._import(self.GOOD)
        self.assertEqual((job.state, job.stored_count), ("done", 1))
        word = job.sudo().row_ids.consent_id
        self.assertRecordValues(
            word,
            [
                {
                    "partner_id": self.ana.id,
                    "channel": "sms",
                    "granted": True,
                    "source": "feira",
                    "recorded_at": datetime(2026, 2, 3, 13, 20),
                    "recorded_by": self.officer.id,
                }
            ],
        )
        self.assertIn(job.file_hash, word.evidence)
        self.assertIn("line 2", word.evidence)
        self.assertTrue(self._ask(self.ana).allowed)

    def test_bad_rows_are_answered_and_do_not_lose_the_good_ones(self):
        self.ana.copy({"email": "twin@example.com"})
        self.rui.copy({"email": "twin@example.com"})
        tomorrow = fields.Datetime.now() + timedelta(days=1)
        job = self._import(
            self.GOOD,
            "nobody@example.com;;marketing;SMS;sim;03/02/2026;feira",
            "twin@example.com;;marketing;SMS;sim;03/02/2026;feira",
            "ana@example.com;+55 21 96123-4567;marketing;SMS;sim;03/02/2026;feira",
            "ana@example.com;;marketing;fax;sim;03/02/2026;feira",
            "ana@example.com;;todos;SMS;sim;03/02/2026;feira",
            "ana@example.com;;security;SMS;sim;03/02/2026;feira",
            f"ana@example.com;;marketing;SMS;sim;{tomorrow:%d/%m/%Y};feira",
            "ana@example.com;;marketing;SMS;talvez;03/02/2026;feira",
            ";;marketing;SMS;sim;03/02/2026;feira",
            "rui@example.com;;bonus;WhatsApp;não;2026-02-04 09:00;feira",
        )
        self.assertEqual(
            self._outcomes(job),
            [
                (2, "stored", ""),
                (3, "refused", "unknown_person"),
                (4, "refused", "ambiguous"),
                (5, "refused", "conflict"),
                (6, "refused", "invalid"),
                (7, "refused", "generic_purpose"),
                (8, "refused", "not_consent_based"),
                (9, "refused", "future"),
                (10, "refused", "invalid"),
                (11, "refused", "no_person"),
                (12, "stored", ""),
            ],
        )
        refused = job.row_ids.filtered(lambda row: row.outcome == "refused")
        self.assertTrue(all(refused.mapped("message")))

    def test_the_same_file_again_adds_nothing_and_says_so(self):
        self._import(self.GOOD, self.GOOD)
        before = self.env["veloc.consent"].search_count([])
        job = self._job(HEAD + self.GOOD + "\n" + self.GOOD + "\n")
        self.assertTrue(job.seen_before)
        job.action_import()
        self.assertEqual((job.stored_count, job.known_count), (0, 2))
        self.assertEqual(self.env["veloc.consent"].search_count([]), before)

    def test_the_same_row_twice_in_a_file_counts_once(self):
        job = self._import(self.GOOD, self.GOOD)
        self.assertEqual((job.stored_count, job.known_count), (1, 1))

    def test_the_file_is_kept_as_it_came_sealed_under_its_hash(self):
        text = HEAD + self.GOOD + "\n"
        job = self._job(text)
        self.assertEqual(job.file_hash, hashlib.sha256(text.encode()).hexdigest())
        self.assertEqual(job._content(), text.encode())
        self.assertNotIn(b"ana@example.com", job.sudo().attachment_id.raw)

    def test_an_import_is_kept(self):
        job = self._import(self.GOOD)
        with self.assertRaises(UserError):
            job.unlink()
        with self.assertRaises(UserError):
            job.write({"default_source": "elsewhere"})
        with self.assertRaises(UserError):
            job.action_import()

    def test_columns_are_mapped_by_hand_where_their_names_say_nothing(self):
        job = self._job(
            "a,b\nana@example.com,2026-02-03\n",
            default_purpose_id=self.purpose("marketing").id,
            default_channel="sms",
            default_granted=True,
        )
        self.assertIn("Given at", job.missing)
        with self.assertRaises(UserError):
            job.action_import()
        targets = {"a": "email", "b": "at"}
        for column in job.column_ids:
            column.target = targets[column.name]
        self.assertFalse(job.missing)
        self.assertEqual(
            job.column_ids.mapped("sample"), ["ana@example.com", "2026-02-03"]
        )
        job.action_import()
        self.assertEqual(job.stored_count, 1)

    def test_refused_rows_come_back_to_be_repaired(self):
        job = self._import(self.GOOD, "x@y.example;;marketing;SMS;sim;03/02/2026;feira")
        self.authenticate("dpo", "dpo")
        answer = self.url_open(f"/veloc/consent-import/{job.id}/refused")
        rows = list(
            csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
        )
        self.assertEqual(len(rows), 2)
        self.assertEqual(rows[1][0], "3")
        self.assertIn("x@y.example", rows[1])
        self.assertEqual(
            self.url_open(f"/veloc/consent-import/{job.id}/original").content,
            job._content(),
        )

    def test_others_get_neither_the_import_nor_its_file(self):
        job = self._import(self.GOOD)
        analyst = new_test_user(
            self.env, "analyst", groups="veloc_compliance.group_advanced"
        )
        with self.assertRaises(AccessError):
            job.with_user(analyst).read(["filename"])
        self.authenticate("analyst", "analyst")
        answer = self.url_open(f"/veloc/consent-import/{job.id}/original")
        self.assertEqual(answer.status_code, 404)

    def test_a_large_file_is_imported_by_the_job(self):
        people = self.env["res.partner"].create(
            [
                {"name": f"P{n}", "email": f"p{n}@big.example", "tz": False}
                for n in range(30)
            ]
        )
        rows = [f"{p.email};;marketing;SMS;sim;03/02/2026;feira" for p in people]
        with self._small_chunks():
            job = self._import(*rows)
            self.assertEqual((job.state, job.position), ("running", 0))
            with self.enter_registry_test_mode():
                cron = self.env.ref("veloc_compliance.ir_cron_consent_import")
                cron.method_direct_trigger()
        self.assertEqual((job.state, job.stored_count), ("done", 30))

    def _small_chunks(self):
        home = "odoo.addons.veloc_compliance.models.consent.veloc_consent_import"
        return patch.multiple(home, CHUNK=7, AT_ONCE=10)

    def test_many_rows_cost_what_few_cost(self):
        people = self.env["res.partner"].create(
            [
                {"name": f"P{n}", "email": f"p{n}@cost.example", "tz": False}
                for n in range(60)
            ]
        )
        costs = []
        for day, some in ((1, people[:2]), (2, people[:2]), (3, people)):
            rows = [f"{p.email};;marketing;SMS;sim;0{day}/02/2026;f" for p in some]
            job = self._job(HEAD + "\n".join(rows) + "\n")
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            job.action_import()
            self.env.flush_all()
            costs.append(self.env.cr.sql_log_count - start)
        # Once, in a whole run, it was one query more; why is not known.
        self.assertLessEqual(costs[2], costs[1] + 2)

    def test_what_is_no_csv_is_said_to_be_none(self):
        for text in ("", "email;canal\n"):
            with self.subTest(text=text), self.assertRaises(UserError):
                self._job(text or "\n")
