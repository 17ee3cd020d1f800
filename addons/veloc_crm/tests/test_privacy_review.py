import json

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import CrmCase


@tagged("post_install", "-at_install")
class TestArticle20InTheCrm(CrmCase):
    """Art. 20: which tier, stage and step, by which rule, from which values."""

    def _review(self):
        self._ingest(self._signup(), self._deposit("250.00"), self._trade())
        trader = self._trader()
        requests = self.env["veloc.privacy.request"]
        opened = requests.open("automated_review", {"email": "ana@example.com"})
        request = requests.browse(opened["id"])
        request._proven_by_login(trader.partner_id)
        return trader, request

    def test_tier_and_stage_are_explained_with_the_values_they_saw(self):
        trader, request = self._review()
        told = {review.subject: review for review in request.review_ids}
        self.assertEqual(told["Tier"].decision, trader.tier_id.name)
        self.assertEqual(float(json.loads(told["Tier"].features)["deposit_total"]), 250)
        self.assertIn("Tier rules as of", told["Tier"].version)
        self.assertEqual(json.loads(told["Stage"].features)["deposit_count"], 1)
        self.assertEqual(request.state, "in_progress")

    def test_what_is_taken_back_leaves_no_segment_of_a_month_ago(self):
        self._ingest(self._signup(), self._deposit("250.00"))
        figures = self._trader().figures_id
        segments = self.env["veloc.rfm.segment"].search([], limit=2)
        figures.sudo().write(
            {
                "rfm_segment_id": segments[0].id,
                "previous_rfm_segment_id": segments[1].id,
            }
        )
        self.env["veloc.privacy.review"]._withhold(self._trader().partner_id)
        self.assertFalse(figures.rfm_segment_id | figures.previous_rfm_segment_id)

    def test_the_request_is_answered_only_after_a_person_reviewed_each(self):
        _trader, request = self._review()
        officer = new_test_user(self.env, "reviewer", "veloc_compliance.group_officer")
        mine = request.with_user(officer)
        with self.assertRaises(UserError):
            mine.action_answer()
        for review in request.review_ids.with_user(officer):
            review.write({"outcome": "upheld", "reason": "The numbers are right."})
            review.action_record()
        self.assertFalse(request.steps_left)
        self.assertIn("The numbers are right.", request.answer_text)

    def test_recipients_find_the_trader_by_the_brokers_reference(self):
        trader, _request = self._review()
        who = self.env["veloc.privacy.propagation"]._identifiers(trader.partner_id)
        self.assertEqual(who["reference"], "T-1")

    def test_the_declaration_names_the_platform_as_origin_and_the_criteria(self):
        trader, _request = self._review()
        declaration = self.env["veloc.declaration"]
        sources = [o["source"] for o in declaration._origin(trader.partner_id)]
        self.assertIn("Events of the trading platform: broker", sources)
        self.assertGreater(len(declaration._criteria()), 1)

    def test_a_traders_data_are_collected_and_another_traders_are_not(self):
        trader, _request = self._review()
        self._ingest(self._signup("T-2", name="Rui", email="rui@example.com", phone=""))
        collected = self.env["veloc.personal.data"]._collect(trader.partner_id)
        (row,) = collected["identity"]["veloc.trader"]
        self.assertEqual(row["external_ref"], "T-1")
        self.assertEqual(len(collected["trading"]["veloc.trader.event"]), 3)
        self.assertNotIn("T-2", json.dumps(collected, default=str))
