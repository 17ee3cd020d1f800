"""A trader's own page: everything in one line of time, and what stands beside it."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import CrmCase


@tagged("post_install", "-at_install")
class TestTraderStory(CrmCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.lang = "en_US"
        cls.agent = new_test_user(cls.env, "agent", groups="veloc_crm.group_user")

    def _timeline(self):
        return self.env["veloc.timeline"].with_user(self.agent)

    def _load(self, **options):
        return self._timeline().load_page(self._trader().id, **options)

    def _happen(self, logins=0):
        self._ingest(
            self._signup(days_ago=40),
            self._deposit("600.00", days_ago=20),
            *[self._event("login", days_ago=n % 30) for n in range(logins)],
        )

    def test_pages_follow_one_another_without_gap_or_repetition(self):
        self._happen(logins=25)
        seen, before = [], False
        while True:
            page = self._load(before=before, limit=7)
            seen += [entry["id"] for entry in page["entries"]]
            before = page["next"]
            if not before:
                break
        everything = self._timeline().search([("trader_id", "=", self._trader().id)])
        self.assertEqual(seen, everything.ids)

    def test_a_chip_shows_its_kind_alone(self):
        self._happen(logins=3)
        page = self._load(kinds=["tier"])
        self.assertEqual({entry["kind"] for entry in page["entries"]}, {"tier"})
        self.assertIn("Low volume → Moderate", page["entries"][0]["summary"])
        with self.assertRaises(UserError):
            self._load(kinds=["gossip"])

    def test_protection_tasks_and_moves_stand_on_the_timeline(self):
        self._happen()
        trader = self._trader()
        self.env["veloc.suppression"]._impose(
            trader.partner_id.ids, "self_exclusion", source="test"
        )
        activity = self.env["mail.activity"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "res_id": trader.partner_id.id,
                "summary": "Send the contract",
            }
        )
        activity.action_feedback(feedback="Sent")
        self.env.flush_all()
        told = {
            entry["kind"]: (entry["summary"], entry["detail"])
            for entry in self._load(limit=100)["entries"]
        }
        self.assertEqual(told["care"][0], "Self-exclusion")
        self.assertEqual(told["task"], ("Done: Send the contract", "Sent"))
        self.assertIn("tier", told)

    def test_queries_do_not_grow_with_the_events(self):
        self._happen(logins=5)
        counts = []
        for more in (1, 0, 60):  # the first time also fills the caches of settings
            if more:
                self._ingest(*[self._event("login", days_ago=1) for _ in range(more)])
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._load(limit=5)
            self._trader().with_user(self.agent).load_story()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def test_the_gates_word_stands_for_each_purpose_and_channel(self):
        self._happen()
        trader = self._trader()
        self.env["veloc.suppression"]._impose(
            trader.partner_id.ids, "deceased", source="test"
        )
        contact = trader.with_user(self.agent).load_story()["contact"]
        cells = [cell for purpose in contact["purposes"] for cell in purpose["cells"]]
        self.assertTrue(cells)
        self.assertFalse(any(cell["allowed"] for cell in cells))
        self.assertTrue(all(cell["words"] for cell in cells))
        self.assertEqual(len(contact["purposes"][0]["cells"]), len(contact["channels"]))

    def test_open_tasks_are_listed_and_late_ones_marked(self):
        self._happen()
        trader = self._trader()
        self.env["mail.activity"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "res_id": trader.partner_id.id,
                "summary": "Ring up",
                "date_deadline": "2020-01-02",
            }
        )
        [task] = trader.load_story()["tasks"]
        self.assertEqual((task["what"], task["is_late"]), ("Ring up", True))

    def test_protection_is_said_in_words_on_top(self):
        self._happen()
        trader = self._trader()
        self.assertFalse(trader.care_words)
        self.env["veloc.suppression"]._impose(
            trader.partner_id.ids, "complaint", source="test"
        )
        trader.invalidate_recordset()
        self.assertEqual(trader.care_words, "Open complaint")

    def test_who_may_not_see_traders_sees_no_story(self):
        self._happen()
        stranger = new_test_user(self.env, "stranger", groups="base.group_user")
        trader = self._trader().with_user(stranger)
        with self.assertRaises(AccessError):
            trader.load_story()
        with self.assertRaises(AccessError):
            self.env["veloc.timeline"].with_user(stranger).load_page(trader.id)

    def test_another_companys_trader_tells_nothing(self):
        self._happen()
        other = self.env["res.company"].create({"name": "Other"})
        agent = new_test_user(
            self.env,
            "far-agent",
            groups="veloc_crm.group_user",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        trader = self._trader()
        page = self.env["veloc.timeline"].with_user(agent).load_page(trader.id)
        self.assertEqual(page["entries"], [])
        with self.assertRaises(AccessError):
            trader.with_user(agent).load_story()

    def test_a_silent_trader_s_line_tells_how_long_the_silence_was(self):
        self._ingest(self._signup(days_ago=60), self._deposit(days_ago=45))
        with self.enter_registry_test_mode():
            self.env.ref("veloc_crm.ir_cron_age_stages").method_direct_trigger()
        risk = self._trader().lifecycle_event_ids.filtered(
            lambda event: event.stage == "at_risk"
        )
        self.assertEqual(risk.reason_words, "Silence of 30 days")
        self.assertEqual(risk.days_before, 30)
        cause = risk.action_open_cause()
        events = self.env["veloc.trader.event"].search(cause["domain"])
        self.assertEqual(events[:1].type, "deposit_approved")
