import base64
import io
import json
from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time
from PyPDF2 import PdfReader

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from .common import CrmCase

MONTH, BEFORE = date(2026, 10, 1), date(2026, 9, 1)
CPF, OTHER_CPF = "529.982.247-25", "111.444.777-35"


@tagged("post_install", "-at_install")
class TestHygieneReport(CrmCase):
    """What happened to the data of a month, in figures that never change."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reports = cls.env["veloc.hygiene.report"]
        # A company of its own: other rows of the database are not in its report.
        cls.company = cls.env["res.company"].create({"name": "Report Broker"})
        cls.reports = cls.reports.with_company(cls.company)
        cls.analyst = new_test_user(
            cls.env, "reporter", "veloc_crm.group_analyst", lang="en_US"
        )
        cls.people = cls.env["res.partner"].create(
            [{"name": f"Rita {n}", "email": f"rita{n}@x.example"} for n in range(6)]
        )

    def _issue(self, number, kind, found, closed=None):
        self.env["veloc.data.issue"].create(
            {
                "partner_id": self.people[number].id,
                "company_id": self.company.id,
                "kind": kind,
                "severity": "2",
                "state": "fixed" if closed else "open",
                "found_at": found,
                "closed_at": closed,
            }
        )

    def _make(self, month=MONTH):
        return self.reports._make(self.company, month)

    def _line(self, report, table, code):
        return next(line for line in report.figures[table] if line["code"] == code)

    def _text(self, report):
        pdf = PdfReader(io.BytesIO(base64.b64decode(report.pdf)))
        return " ".join("\n".join(page.extract_text() for page in pdf.pages).split())

    # === FIGURES === #

    def test_findings_stand_in_the_month_in_which_they_came_and_went(self):
        self._issue(0, "phone_invalid", datetime(2026, 8, 5))
        self._issue(1, "phone_invalid", datetime(2026, 9, 5), datetime(2026, 10, 6))
        self._issue(2, "phone_invalid", datetime(2026, 10, 7))
        self._issue(3, "phone_invalid", datetime(2026, 10, 8), datetime(2026, 11, 9))
        self._issue(4, "phone_invalid", datetime(2026, 11, 10))
        line = self._line(self._make(), "issues", "phone_invalid")
        self.assertEqual(
            [line[name] for name in ("new", "closed", "open", "before", "worse")],
            [2, 1, 3, 2, True],
        )

    def test_a_month_begins_at_the_brokers_midnight(self):
        self._issue(0, "phone_invalid", datetime(2026, 10, 1, 2, 59))
        self._issue(1, "phone_invalid", datetime(2026, 10, 1, 3, 0))
        line = self._line(self._make(), "issues", "phone_invalid")
        self.assertEqual((line["new"], line["before"]), (1, 1))

    def test_pairs_and_merges_are_counted_by_what_became_of_them(self):
        at = datetime(2026, 10, 5)
        for number, state in enumerate(("open", "different", "linked", "merged")):
            self.env["veloc.duplicate"].create(
                {
                    "left_id": self.people[0].id,
                    "right_id": self.people[number + 1].id,
                    "company_id": self.company.id,
                    "score": 80,
                    "state": state,
                    "found_at": at,
                    "decided_at": at if state != "open" else False,
                }
            )
        for number, state in ((1, "merged"), (2, "undone")):
            self.env["veloc.merge"].create(
                {
                    "survivor_id": self.people[0].id,
                    "loser_id": self.people[number].id,
                    "company_id": self.company.id,
                    "merged_at": at - timedelta(days=20),
                    "state": state,
                    "closed_at": at if state == "undone" else False,
                    "undo_until": at,
                }
            )
        lines = {line["code"]: line for line in self._make().figures["doubles"]}
        self.assertEqual(
            {code: line["now"] for code, line in lines.items()},
            {
                "found": 4,
                "merged": 0,
                "undone": 1,
                "different": 1,
                "linked": 1,
                "open": 1,
            },
        )
        self.assertEqual(lines["merged"]["before"], 2)

    def test_shares_are_those_of_the_last_day_measured_beside_the_month_before(self):
        rows = ((date(2026, 9, 29), 90), (date(2026, 10, 2), 95), (MONTH, 10))
        rows += ((date(2026, 10, 30), 80), (date(2026, 11, 1), 1))
        for day, percent in rows:
            self.env.cr.execute(
                SQL(
                    "INSERT INTO veloc_data_quality (day, company_id, measure,"
                    " good_count, total_count, percent, is_latest)"
                    " VALUES (%s, %s, 'phone', %s, 100, %s, false)",
                    day,
                    self.company.id,
                    percent,
                    percent,
                )
            )
        report = self._make()
        line = self._line(report, "coverage", "phone")
        self.assertEqual((line["now"], line["before"], line["worse"]), (80, 90, True))
        self.assertIsNone(self._line(report, "coverage", "email")["now"])
        self.assertEqual(report.remarks, 1)

    def test_what_was_written_better_on_entry_is_counted(self):
        company = self.env.company
        totals = self.env["veloc.hygiene.tally"]._totals
        day = self.now.date()
        span = (company, day, day + timedelta(days=1))
        before = totals(*span)
        told = self._signup("T-1", name="RITA LEE", email="rita@x.example")
        self._ingest(told, self._signup("T-2", name="Rita Lee", email="R@x.example"))
        self._ingest(told)
        after = totals(*span)
        news = {name: after[name] - before.get(name, 0) for name in ("name", "email")}
        self.assertEqual(news, {"name": 1, "email": 1}, "and a repeated event not")
        self.assertEqual(
            totals(company, day + timedelta(days=1), day + timedelta(days=9)), {}
        )

    def test_a_consent_is_one_of_the_daily_shares(self):
        self._ingest(self._signup("T-1"), self._signup("T-2", email="b@x.example"))
        self.env["veloc.data.quality"]._measure(self.now)
        shares = self.env["veloc.data.quality"].search(
            [
                ("measure", "=", "consent"),
                ("is_latest", "=", True),
                ("company_id", "=", self.env.company.id),
            ]
        )
        before = shares.good_count
        self.env["veloc.consent"].record(
            [
                {
                    "partner_id": self._trader("T-1").partner_id.id,
                    "purpose": "marketing",
                    "channel": channel,
                    "granted": True,
                    "source": "test",
                    "language": "en_US",
                }
                for channel in ("email", "sms")
            ]
        )
        self.env["veloc.data.quality"]._measure(self.now)
        self.assertEqual(shares.good_count, before + 1)

    # === THE PAPER === #

    def test_paper_and_screen_say_the_same_in_portuguese_and_name_nobody(self):
        self.env["res.lang"]._activate_lang("pt_BR")
        self._issue(0, "phone_invalid", datetime(2026, 10, 5))
        report = self._make()
        text = self._text(report)
        self.assertIn("10/2026", text)
        self.assertIn("Report Broker", text)
        tables = report.with_context(lang="pt_BR")._tables(report.figures)
        page = report.with_context(lang="pt_BR").page
        for table in tables:
            self.assertIn(table["title"], text)
            self.assertIn(table["title"], page)
            for row in table["rows"]:
                self.assertIn(row["label"], text)
        english = report.with_context(lang="en_US").page
        self.assertIn("Phone cannot be right", english)
        self.assertNotIn("Phone cannot be right", text)
        self.assertNotIn("Rita", text + json.dumps(report.figures))

    # === WHEN, AND WHO === #

    def _months(self):
        self.env.invalidate_all()
        domain = [("company_id", "=", self.company.id)]
        return self.env["veloc.hygiene.report"].search(domain).mapped("month")

    def test_the_first_night_of_a_month_makes_the_report_and_the_next_ones_none(self):
        self.env.cr.execute(
            SQL(
                "UPDATE res_company SET create_date = '2026-09-20' WHERE id = %s",
                self.company.id,
            )
        )
        self.env.invalidate_all()
        for moment in ("2026-11-01 02:00", "2026-11-01 06:00", "2026-11-02 06:00"):
            with (
                freeze_time(moment),
                self.enter_registry_test_mode(),
                self.registry.cursor() as cr,
            ):
                self.env(cr=cr)["veloc.nightly"]._do_report(datetime(2026, 11, 1))
        self.assertEqual(self._months(), [MONTH, BEFORE])

    def test_analysts_make_what_is_missing_and_agents_see_none(self):
        self.analyst.company_ids |= self.company
        agent = new_test_user(self.env, "agent7", "veloc_crm.group_user")
        reports = self.env["veloc.hygiene.report"]
        with self.assertRaises(AccessError):
            reports.with_user(agent).action_make_missing()
        own = reports.with_user(self.analyst)
        self.assertEqual(own.action_make_missing()["tag"], "soft_reload")
        self.assertEqual(own.action_make_missing()["tag"], "display_notification")
        last = date.today().replace(day=1) - relativedelta(months=1)
        self.assertEqual(self._months(), [last])
        report = own.search([("company_id", "=", self.company.id)])
        self.assertTrue(report.pdf)
        self.assertFalse(report.with_user(agent).has_access("read"))
        with self.assertRaises(AccessError):
            own.create({"month": last, "company_id": self.company.id})

    def test_another_companys_report_is_not_seen(self):
        self._make()
        own = self.env["veloc.hygiene.report"].with_user(self.analyst)
        self.assertFalse(own.search([("company_id", "=", self.company.id)]))

    def test_a_report_never_changes_and_never_goes(self):
        report = self._make()
        with self.assertRaises(UserError):
            report.remarks = 0
        with self.assertRaises(UserError):
            report.unlink()
        self.assertFalse(self._make(), "a month has one report")
