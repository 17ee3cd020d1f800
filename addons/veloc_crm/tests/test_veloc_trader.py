"""Stages, tiers and partitions over time, run as the scheduler runs them."""

from datetime import timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger

from .common import CrmCase


@tagged("post_install", "-at_install")
class TestStages(CrmCase):
    def _run_cron(self, name):
        with self.enter_registry_test_mode():
            self.env.ref(f"veloc_crm.{name}").method_direct_trigger()
        self.env.invalidate_all()

    def _history(self):
        events = self.env["veloc.lifecycle.event"].search(
            [("trader_id", "=", self._trader().id)], order="at, id"
        )
        return events.mapped("stage")

    def test_a_trader_walks_the_whole_way(self):
        self._ingest(self._event("lead", days_ago=20))
        self._ingest(self._signup(days_ago=19))
        self._ingest(self._event("kyc_approved", days_ago=18))
        self._ingest(self._deposit(days_ago=17))
        self._ingest(self._trade(days_ago=16))
        self.assertEqual(
            self._history(), ["lead", "signup", "kyc", "first_deposit", "active"]
        )

    def test_silence_moves_a_trader_on_and_the_job_finds_only_those_due(self):
        self._ingest(self._signup(days_ago=29), self._deposit(days_ago=29))
        trader = self._trader()
        self.assertEqual(trader.next_stage_at, self.now + timedelta(days=1))
        self._run_cron("ir_cron_age_stages")  # veloc_crm.ir_cron_age_stages
        self.assertEqual(trader.stage, "first_deposit")
        self._pass_days(trader, 1)
        self._run_cron("ir_cron_age_stages")
        self.assertEqual(trader.stage, "at_risk")
        self._pass_days(trader, 60)
        self._run_cron("ir_cron_age_stages")
        self.assertRecordValues(trader, [{"stage": "churned", "next_stage_at": False}])

    def _pass_days(self, trader, days):
        """Let time pass for one trader: all that was moves into the past."""
        self.env.cr.execute(
            SQL(
                "UPDATE veloc_trader SET last_activity_at = last_activity_at - %(gap)s,"
                " next_stage_at = next_stage_at - %(gap)s,"
                " stage_since = stage_since - %(gap)s WHERE id = %(id)s",
                gap=timedelta(days=days, minutes=1),
                id=trader.id,
            )
        )
        self.env.invalidate_all()

    def test_history_is_aged_as_it_was(self):
        self._ingest(self._signup(days_ago=400), self._deposit(days_ago=400))
        self._ingest(self._deposit(days_ago=200))
        second_life = ["won_back", "at_risk", "churned"]
        self.assertEqual(
            self._history(),
            ["signup", "first_deposit", "at_risk", "churned", *second_life],
        )
        self.assertEqual(self._trader().stage, "churned")

    def test_the_limits_of_silence_are_settings(self):
        self.env["ir.config_parameter"].set_param("veloc_crm.at_risk_days", "7")
        self._ingest(self._signup(days_ago=8), self._deposit(days_ago=8))
        self.assertEqual(self._trader().stage, "at_risk")

    def test_changed_limits_re_time_those_who_wait(self):
        self._ingest(self._signup(days_ago=8), self._deposit(days_ago=8))
        settings = self.env["res.config.settings"].create(
            {"veloc_at_risk_days": 7, "veloc_churned_days": 14}
        )
        settings.execute()
        self.assertEqual(self._trader().next_stage_at, self.now - timedelta(days=1))
        self._run_cron("ir_cron_age_stages")
        self.assertEqual(self._trader().stage, "at_risk")

    def test_limits_that_make_no_sense_are_refused_and_never_stop_events(self):
        with self.assertRaises(ValidationError):
            self.env["res.config.settings"].create(
                {"veloc_at_risk_days": 90, "veloc_churned_days": 30}
            )
        self.env["ir.config_parameter"].set_param("veloc_crm.at_risk_days", "soon")
        with mute_logger("odoo.addons.veloc_crm.models.veloc_trader"):
            self._ingest(self._signup(days_ago=8), self._deposit(days_ago=8))
        self.assertEqual(self._trader().stage, "first_deposit")

    def test_an_analyst_reads_tiers_and_does_not_edit_them(self):
        analyst = new_test_user(
            self.env, "test-analyst", groups="veloc_crm.group_analyst"
        )
        tier = self._tier("vip").with_user(analyst)
        self.assertTrue(tier.name)
        with self.assertRaises(AccessError):
            tier.deposit_total = 1

    def test_the_highest_tier_reached_wins(self):
        self._ingest(
            *[self._signup(f"T-{n}") for n in range(4)],
            self._deposit("10.00", "T-1"),
            self._deposit("500.00", "T-2"),
            self._deposit("4999.99", "T-3"),
            self._deposit("0.01", "T-3"),
        )
        codes = [self._trader(f"T-{n}").tier_id.code for n in range(4)]
        self.assertEqual(codes, ["low", "low", "moderate", "vip"])

    def test_many_trades_make_a_tier_and_old_ones_do_not(self):
        self._ingest(
            *[self._signup(f"T-{n}", days_ago=50) for n in (1, 2)],
            *[self._trade(trader="T-1", days_ago=3) for _ in range(20)],
            *[self._trade(trader="T-2", days_ago=45) for _ in range(20)],
        )
        self.assertRecordValues(
            self._trader("T-1") + self._trader("T-2"),
            [
                {"tier_id": self._tier("moderate").id},
                {"tier_id": self._tier("low").id},
            ],
        )

    def _tier(self, code):
        return self.env["veloc.tier"].search([("code", "=", code)])

    def test_a_manager_edits_a_threshold_and_everybody_is_sorted_anew(self):
        manager = new_test_user(self.env, "boss", groups="veloc_crm.group_manager")
        self._ingest(self._signup(), self._deposit("400.00"))
        self.assertEqual(self._trader().tier_id.code, "low")
        self._tier("moderate").with_user(manager).deposit_total = 300
        self._run_cron("ir_cron_retier")  # veloc_crm.ir_cron_retier
        self.assertRecordValues(
            self._trader(),
            [{"tier_id": self._tier("moderate").id}],
        )

    def test_a_contact_and_an_opportunity_show_the_trader(self):
        agent = new_test_user(self.env, "test-agent", groups="veloc_crm.group_user")
        self._ingest(self._signup(), self._deposit("600.00"))
        partner = self._trader().partner_id.with_user(agent)
        lead = self.env["crm.lead"].create(
            {"name": "Call", "partner_id": partner.id, "user_id": agent.id}
        )
        for record in (partner, lead.with_user(agent)):
            self.assertRecordValues(
                record,
                [
                    {
                        "veloc_trader_id": self._trader().id,
                        "veloc_stage": "first_deposit",
                        "veloc_tier_id": self._tier("moderate").id,
                        "veloc_net_deposit": 600,
                    }
                ],
            )
        self.assertEqual(
            self.env["res.partner"].search(
                [("veloc_trader_id", "=", self._trader().id)]
            ),
            self._trader().partner_id,
        )

    def test_rows_without_a_month_wait_in_default_and_move_when_it_is_made(self):
        self._ingest(
            self._event("signup", at="1999-07-01T00:00:00Z"),
            self._deposit(at="1999-07-31T23:59:59Z"),
        )
        with mute_logger("odoo.addons.veloc_crm.models.veloc_partition"):
            self._run_cron("ir_cron_partitions")  # veloc_crm.ir_cron_partitions
        self.env.cr.execute("SELECT count(*) FROM veloc_trader_event_raw_199907")
        self.assertEqual(self.env.cr.fetchone(), (2,))
        self.env.cr.execute(
            "SELECT count(*) FROM veloc_trader_event_raw_default"
            " WHERE at < '2000-01-01'"
        )
        self.assertEqual(self.env.cr.fetchone(), (0,))
        self.assertEqual(self._trader().event_count, 2)

    def test_stages_are_sorted_as_people_live_through_them(self):
        self._ingest(
            self._event("lead", "T-1"),
            self._signup("T-2"),
            *[self._signup("T-3", days_ago=99), self._deposit("1", "T-3", 98)],
            *[self._signup("T-4"), self._deposit("1", "T-4")],
        )
        refs = [("external_ref", "in", ["T-1", "T-2", "T-3", "T-4"])]
        traders = self.env["veloc.trader"]
        expected = ["lead", "signup", "first_deposit", "churned"]
        groups = traders._read_group(refs, ["stage"], ["__count"])
        self.assertEqual([stage for stage, _count in groups], expected)
        self.assertEqual(traders.search(refs, order="stage").mapped("stage"), expected)
        pivot = traders.formatted_read_grouping_sets(
            refs, [["stage"], ["stage", "tier_id"], []], ["__count"]
        )
        self.assertEqual([group["stage"] for group in pivot[0]], expected)
