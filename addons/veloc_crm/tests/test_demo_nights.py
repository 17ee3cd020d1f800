from odoo.tests import tagged

from .common import CrmCase


@tagged("post_install", "-at_install")
class TestDemoNights(CrmCase):
    """The demo's past: three nights of the steps there are, reports of two months."""

    def test_three_nights_passed_and_one_of_them_says_what_failed(self):
        runs = self.env["veloc.nightly.run"]
        before = runs.search([])
        self.env["veloc.demo"]._load_nights()
        nights = (runs.search([]) - before).with_context(lang="en_US")
        self.assertEqual(nights.mapped("state"), ["done", "failed", "done"])
        self.assertFalse(nights.filtered(lambda night: not night.ended_at))
        codes = {code for _number, code, *_where in self.env["veloc.nightly"]._steps()}
        for night in nights:
            self.assertLessEqual({step["code"] for step in night.steps}, codes)
        self.assertIn("OperationalError", nights[1].steps_table)
        labels = self.env["veloc.nightly"]._labels()
        for step in nights[0].steps:
            self.assertLessEqual({step["code"], *step["counts"]}, labels.keys())

    def test_two_months_have_their_report(self):
        company = self.env.company
        reports = self.env["veloc.hygiene.report"]
        if not reports.search_count([("company_id", "=", company.id)]):
            self.env["veloc.demo"]._load_reports()
        made = reports.search([("company_id", "=", company.id)])
        self.assertGreaterEqual(len(made), 2)
        tidied = made[0].figures["tidied"]
        self.assertTrue(all(line["now"] and line["before"] for line in tidied))
