"""Who would move, before a threshold is saved."""

from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .test_tiers import LadderCase


@tagged("post_install", "-at_install")
class TestWhatIf(LadderCase):
    """Other thresholds: seen first, saved later."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(cls.env, "boss", groups="veloc_crm.group_manager")

    def _try(self, **limits):
        action = self._tier("moderate").with_user(self.manager).action_try()
        attempt = self.env["veloc.ladder.try"].with_user(self.manager)
        attempt = attempt.browse(action["res_id"])
        tried = attempt.line_ids.filtered(lambda line: line.name == "Moderate")
        attempt.write({"line_ids": [(1, tried.id, limits)]})
        return attempt

    def test_what_is_shown_is_what_happens(self):
        self._ingest(
            *[self._signup(f"T-{n}", days_ago=50) for n in range(3)],
            self._deposit("350.00", "T-1"),
            self._deposit("400.00", "T-2"),
        )
        attempt = self._try(deposit_total=300)
        attempt.action_look()
        [move] = attempt.move_ids
        self.assertRecordValues(
            move,
            [
                {
                    "from_name": "Low volume",
                    "to_name": "Moderate",
                    "direction": "up",
                    "trader_count": 2,
                }
            ],
        )
        self.assertEqual(attempt.total_count, self.env["veloc.trader"].search_count([]))
        self.assertEqual(self._tier("moderate").deposit_total, 500)
        attempt.action_save()
        self.assertEqual(self._tier("moderate").deposit_total, 300)
        self._night(0)
        tiers = [self._trader(ref).tier_id.code for ref in ("T-0", "T-1", "T-2")]
        self.assertEqual(tiers, ["low", "moderate", "moderate"])

    def test_a_higher_threshold_shows_who_would_fall(self):
        self._ingest(self._signup(), self._deposit("600.00"))
        attempt = self._try(deposit_total=2000)
        attempt.action_look()
        self.assertRecordValues(
            attempt.move_ids, [{"direction": "down", "to_name": "Low volume"}]
        )

    def test_nothing_is_saved_that_was_not_looked_at(self):
        attempt = self._try(deposit_total=300)
        with self.assertRaises(UserError):
            attempt.action_save()

    def test_the_headings_are_read_whole_and_the_dialog_is_wide(self):
        action = self._tier("moderate").with_user(self.manager).action_try()
        self.assertEqual(action["context"]["dialog_size"], "extra-large")
        arch = self.env["veloc.ladder.try"].get_view(view_type="form")["arch"]
        thresholds = etree.fromstring(arch).find(".//field[@name='line_ids']/list")
        self.assertIn("o_veloc_worded_headings", thresholds.get("class"))

    def test_a_phone_shows_the_thresholds_of_this_ladder_only(self):
        arch = etree.fromstring(
            self.env["veloc.ladder.try"].get_view(view_type="form")["arch"]
        )
        lines = arch.find(".//field[@name='line_ids']")
        for view in ("list", "form"):
            shown = {
                field.get("name"): field.get("column_invisible")
                or field.get("invisible")
                for field in lines.find(view).iter("field")
            }
            for name in ("deposit_total", "net_deposit", "volume_30d", "trades_30d"):
                self.assertEqual(shown[name], "parent.ladder == 'vip'", view)
            for name in ("points", "volume_90d"):
                self.assertEqual(shown[name], "parent.ladder == 'tier'", view)
        self.assertEqual(lines.find("kanban").get("delete"), "0")
        for line in lines.findall("kanban//span"):
            self.assertIn("parent.ladder", line.get("invisible"))

    def test_an_analyst_may_not_try(self):
        analyst = new_test_user(
            self.env, "test-analyst", groups="veloc_crm.group_analyst"
        )
        with self.assertRaises(AccessError):
            self._tier("vip").with_user(analyst).action_try()
