import base64
import io
import json
from datetime import date, timedelta

import openpyxl
import psycopg2
from freezegun import freeze_time
from pypdf import PdfReader

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

LONG = "Words enough to be a chapter."
CHAPTERS = (
    "description",
    "data_collected",
    "method",
    "necessity",
    "safeguards",
    "conclusion",
)


class RegisterCase(TransactionCase):
    """A vendor and an activity that could be in force, and an officer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.veloc_dpo_name = "Helena"
        groups = "veloc_compliance.group_{}".format
        cls.officer = new_test_user(cls.env, "dpo", groups=groups("officer"))
        cls.analyst = new_test_user(cls.env, "lawyer", groups=groups("advanced"))
        cls.contact = cls.env.ref("veloc_compliance.veloc_data_class_contact")
        cls.vendor = cls.env["veloc.vendor"].create(cls._prepare_vendor())
        cls.activity = cls.env["veloc.processing.activity"].create(
            {
                "name": "Messages",
                "description": "We write to people.",
                "subjects": "Traders",
                "retention": "Five years",
                "security": "Access by role",
                "other_basis": "contract",
                "data_class_ids": [(4, cls.contact.id)],
            }
        )

    @classmethod
    def _prepare_vendor(cls, **more):
        return {
            "name": "Sender Inc.",
            "services": "Delivers SMS",
            "country_id": cls.env.ref("base.us").id,
            "mechanism": "clauses",
            "clauses_file": base64.b64encode(b"clauses"),
            "has_instructions": True,
            "contract_signed_on": "2026-01-20",
            "data_class_ids": [(4, cls.contact.id)],
            **more,
        }

    def _check_vendor(self, vendor=None, **values):
        values = {"outcome": "fine", "finding": "All asked, all answered."} | values
        vendor = vendor or self.vendor
        return self.env["veloc.vendor.check"].create({"vendor_id": vendor.id, **values})

    def _impact(self, **values):
        report = {"name": "RIPD", "activity_id": self.activity.id}
        risk = {"name": "Harm", "likelihood": "5", "impact": "5", "measures": "Limits"}
        return self.env["veloc.impact.report"].create(
            report
            | dict.fromkeys(CHAPTERS, LONG)
            | {"risk_ids": [(0, 0, risk)]}
            | values
        )


@tagged("post_install", "-at_install")
class TestArt37Register(RegisterCase):
    """LGPD art. 37: the controller keeps a register of the processing."""

    def test_what_comes_into_force_is_frozen_as_a_version_with_its_hash(self):
        self.activity.with_user(self.officer).action_activate()

        version = self.activity.version_ids
        self.assertEqual((version.number, len(version.content_hash)), (1, 64))
        self.assertEqual(json.loads(version.content)["bases"], self.activity.bases)

    def test_an_entry_in_force_changes_by_a_new_version_only(self):
        self.activity.action_activate()
        with self.assertRaises(UserError):
            self.activity.retention = "For ever"

        self.activity.action_revise()
        self.activity.retention = "Three years"
        self.activity.action_activate()

        newest, oldest = self.activity.version_ids
        self.assertIn("Three years", newest.content)
        self.assertIn("Five years", oldest.content)

    def test_no_version_is_changed_by_anybody_not_even_by_sql(self):
        self.activity.action_activate()
        with self.assertRaises(UserError):
            self.activity.version_ids.content = "{}"
        self.env.flush_all()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.RestrictViolation),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute("UPDATE veloc_processing_version SET content = ''")

    def test_processing_without_a_legal_basis_never_comes_into_force(self):
        self.activity.other_basis = False
        with self.assertRaisesRegex(UserError, "legal basis"):
            self.activity.action_activate()

    def test_entries_that_rest_on_legitimate_interest_are_flagged(self):
        self.assertFalse(self.activity.rests_on_interest)
        self.activity.other_basis = "legitimate_interest"
        self.assertTrue(self.activity.rests_on_interest)

    def test_the_register_says_where_in_the_system_the_data_stand(self):
        label = self.env["ir.model"]._get("res.partner").name
        self.assertIn(label, self.activity.places)

    def test_an_analyst_prepares_and_the_officer_decides(self):
        with self.assertRaises(AccessError):
            self.activity.with_user(self.analyst).action_activate()
        with self.assertRaises(UserError):
            self.activity.with_user(self.analyst).write({"state": "active"})
        made = self.activity.with_user(self.analyst).copy({"state": "active"})
        self.assertEqual(made.state, "draft")

    def test_data_that_no_entry_in_force_speaks_of_are_found(self):
        watch = self.env["veloc.watch"]
        keys = {f.key for f in watch._check_data_class_without_activity(None, None)}
        self.assertIn(str(self.contact.id), keys)

        self.activity.action_activate()

        keys = {f.key for f in watch._check_data_class_without_activity(None, None)}
        self.assertNotIn(str(self.contact.id), keys)


@tagged("post_install", "-at_install")
class TestArt38ImpactReport(RegisterCase):
    """LGPD art. 38: high risk is described, answered and approved first."""

    def test_an_activity_of_high_risk_waits_for_an_approved_report(self):
        self.activity.risk = "high"
        report = self._impact()
        with self.assertRaisesRegex(UserError, "impact report"):
            self.activity.action_activate()

        report.action_approve()
        self.activity.action_activate()

        self.assertEqual(self.activity.state, "active")

    def test_an_approved_report_and_its_risks_never_change(self):
        report = self._impact()
        report.action_approve()
        for change in (
            lambda: report.write({"necessity": "Because"}),
            lambda: report.risk_ids.write({"measures": "None"}),
            lambda: report.risk_ids.unlink(),
            lambda: report.unlink(),
        ):
            with self.assertRaises(UserError):
                change()

    def test_a_missing_chapter_is_named(self):
        report = self._impact(necessity="No")
        self.assertIn("proportion", report.todo)
        with self.assertRaisesRegex(UserError, "proportion"):
            report.action_approve()

    def test_a_withdrawn_report_raises_the_alarm_where_it_was_needed(self):
        self.activity.risk = "high"
        report = self._impact()
        report.action_approve()
        self.activity.action_activate()
        watch = self.env["veloc.watch"]
        self.assertFalse(watch._check_impact_report_missing(None, None))

        report.action_withdraw()

        (finding,) = watch._check_impact_report_missing(None, None)
        self.assertEqual(finding.res_id, self.activity.id)


@tagged("post_install", "-at_install")
class TestArts33And39Vendors(RegisterCase):
    """LGPD arts. 33, 39, 42: who processes for us is bound, checked, and lawful."""

    def test_a_vendor_abroad_without_a_ground_cannot_be_used(self):
        self._check_vendor()
        self.vendor.mechanism = False
        with self.assertRaisesRegex(UserError, "art. 33"):
            self.vendor.action_activate()

    def test_a_vendor_nobody_checked_cannot_be_used(self):
        with self.assertRaisesRegex(UserError, "Nobody has checked"):
            self.vendor.action_activate()
        self._check_vendor()
        self.vendor.action_activate()
        self.assertEqual(self.vendor.state, "active")

    def test_a_vendor_that_is_not_in_use_keeps_its_activity_from_coming_into_force(
        self,
    ):
        self.activity.vendor_ids = self.vendor
        with self.assertRaisesRegex(UserError, "vendor"):
            self.activity.action_activate()

    def test_an_overdue_check_is_found_until_somebody_checks(self):
        old = fields.Date.today() - timedelta(days=400)
        self._check_vendor(checked_on=old)
        self.vendor.action_activate()
        watch = self.env["veloc.watch"]
        self.assertEqual(len(watch._check_vendor_check_overdue(None, None)), 1)

        self._check_vendor()

        self.assertFalse(watch._check_vendor_check_overdue(None, None))

    def test_an_expired_certificate_counts_unless_a_newer_one_is_there(self):
        self._check_vendor()
        self.vendor.action_activate()
        today, watch = fields.Date.today(), self.env["veloc.watch"]
        values = {"vendor_id": self.vendor.id, "standard": "soc2"}
        certificates = self.env["veloc.vendor.certification"]
        certificates.create(values | {"valid_until": today - timedelta(days=1)})
        self.assertEqual(len(watch._check_vendor_certificate_expired(None, None)), 1)

        certificates.create(values | {"valid_until": today})

        self.assertFalse(watch._check_vendor_certificate_expired(None, None))

    def test_a_check_says_who_made_it_and_never_changes(self):
        check = (
            self.env["veloc.vendor.check"]
            .with_user(self.analyst)
            .create(
                {
                    "vendor_id": self.vendor.id,
                    "outcome": "failed",
                    "finding": "No answer",
                    "checked_by": self.officer.id,
                }
            )
        )
        self.assertEqual(check.checked_by, self.analyst)
        with self.assertRaises(UserError):
            check.outcome = "fine"
        with self.assertRaises(ValidationError):
            self._check_vendor(checked_on=fields.Date.today() + timedelta(days=2))

    def test_a_vendor_in_use_whose_contract_ends_raises_the_alarm(self):
        self._check_vendor()
        self.vendor.contract_ends_on = fields.Date.today()
        self.vendor.action_activate()
        watch = self.env["veloc.watch"]
        self.assertFalse(watch._check_transfer_without_mechanism(None, None))
        with freeze_time(fields.Datetime.now() + timedelta(days=3)):
            self.vendor.invalidate_recordset(["todo"])
            self.assertEqual(
                len(watch._check_transfer_without_mechanism(None, None)), 1
            )


@tagged("post_install", "-at_install")
class TestMonthlyReport(RegisterCase):
    """Art. 50: what was done each month, in figures that never change."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["veloc.compliance.report"].search([])
        cls.env.cr.execute("UPDATE res_company SET create_date = '2026-08-20'")
        cls.env.invalidate_all()

    def _run(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "veloc_compliance.ir_cron_compliance_report"
            ).method_direct_trigger()
        return self.env["veloc.compliance.report"].search(
            [("company_id", "=", self.env.company.id)], order="month"
        )

    def test_the_months_that_are_over_get_one_report_each_and_no_second(self):
        with freeze_time("2026-11-22 12:00:00"):
            months = self._run().mapped("month")
            self.assertEqual(
                months, [date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)]
            )
            self.assertEqual(len(self._run()), 3)

    def test_pdf_and_sheet_show_the_same_figures(self):
        with freeze_time("2026-11-22 12:00:00"):
            report = self._run()[-1]
        figures = json.loads(report.figures)
        pdf = PdfReader(io.BytesIO(base64.b64decode(report.pdf)))
        text = "\n".join(page.extract_text() for page in pdf.pages)
        book = openpyxl.load_workbook(io.BytesIO(base64.b64decode(report.xlsx)))
        cells = {(row[0], row[1]): row[2] for row in book.active.values if row[1]}
        for section in figures:
            self.assertIn(section["title"], text)
            for line in section["lines"]:
                shown = cells[section["title"], line["label"]]
                self.assertEqual(str(shown), str(line["value"]))

    def test_a_report_never_changes_and_never_goes(self):
        with freeze_time("2026-11-22 12:00:00"):
            report = self._run()[0]
        with self.assertRaises(UserError):
            report.figures = "[]"
        with self.assertRaises(UserError):
            report.unlink()

    def test_only_the_officer_makes_missing_reports(self):
        with self.assertRaises(AccessError):
            self.env["veloc.compliance.report"].with_user(
                self.analyst
            ).action_make_missing()


@tagged("post_install", "-at_install")
class TestArt41Encarregado(HttpCase):
    """LGPD art. 41 § 1: identity and contact of the encarregado are public."""

    def test_anybody_reads_who_the_encarregado_is_without_a_login(self):
        self.env.company.write(
            {
                "veloc_dpo_name": "Helena Prado",
                "veloc_dpo_email": "dpo@veloc.example",
                "veloc_dpo_substitute_name": "Otávio Lins",
            }
        )
        for method in ("GET", "HEAD"):
            answer = self.url_open("/veloc/encarregado", method=method)
            self.assertEqual(answer.status_code, 200)
        page = self.url_open("/veloc/encarregado").text
        for words in ("Helena Prado", "dpo@veloc.example", "Otávio Lins"):
            self.assertIn(words, page)

    def test_the_register_is_handed_to_those_who_work_with_it_only(self):
        new_test_user(self.env, "clerk", groups="veloc_compliance.group_viewer")
        new_test_user(self.env, "counsel", groups="veloc_compliance.group_advanced")
        self.authenticate("clerk", "clerk")
        self.assertEqual(self.url_open("/veloc/register/xlsx").status_code, 404)
        self.authenticate("counsel", "counsel")
        answer = self.url_open("/veloc/register/xlsx")
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        names = {row[0] for row in book.active.values}
        activity = self.env.ref("veloc_compliance.veloc_processing_activity_service")
        self.assertTrue(
            names & {activity.name, activity.with_context(lang="pt_BR").name}
        )
