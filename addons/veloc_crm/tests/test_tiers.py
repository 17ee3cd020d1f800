"""Tiers and VIP levels: up at once, down with warning, history, benefits."""

from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import ValidationError
from odoo.tests import new_test_user, tagged

from .common import CrmCase


class LadderCase(CrmCase):
    """A trader, and nights that pass."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.lang = "en_US"

    def _tier(self, code):
        return self.env["veloc.tier"].search([("code", "=", code)])

    def _level(self, code):
        return self.env["veloc.vip.level"].search([("code", "=", code)])

    def _night(self, days=1):
        """Let days pass and the night's job look at everybody."""
        with (
            freeze_time(self.now + timedelta(days=days)),
            self.enter_registry_test_mode(),
        ):
            self.env.ref("veloc_crm.ir_cron_retier").method_direct_trigger()
        self.env.invalidate_all()

    def _moves(self, ref="T-1"):
        return [
            (move.from_name, move.to_name, move.reason)
            for move in self._trader(ref).tier_event_ids.sorted("id")
        ]

    def _fall_out_of_window(self):
        """Make what was counted so old that it no longer counts."""
        self.env.cr.execute("UPDATE veloc_trader_day_raw SET day = day - 100")
        self.env.cr.execute(
            "UPDATE veloc_trader_state SET trade_count_30 = 0, volume_total_30 = 0,"
            " volume_total_90 = 0, deposit_total_90 = 0"
        )


@tagged("post_install", "-at_install")
class TestTiers(LadderCase):
    """The tier ladder over time."""

    def test_a_move_tells_when_and_with_which_numbers(self):
        self._ingest(
            self._signup(days_ago=9),
            self._deposit("400.00", days_ago=5),
            self._deposit("200.00", days_ago=3),
        )
        trader = self._trader()
        self.assertEqual(trader.tier_since, self.now - timedelta(days=3))
        [move] = trader.tier_event_ids
        self.assertEqual(move.from_tier_id.code, "low")
        self.assertEqual(move.at, trader.tier_since)
        self.assertIn("600", move.reason_words)
        self.assertIn("500", move.reason_words)

    def test_one_batch_or_many_leave_the_same_history(self):
        amounts = ("300.00", "300.00", "4000.00", "900.00", "50.00")
        for ref in ("T-1", "T-2"):
            self._ingest(self._signup(ref, days_ago=30))
        deposits = {
            ref: [
                self._deposit(amount, ref, days_ago=20 - number)
                for number, amount in enumerate(amounts)
            ]
            for ref in ("T-1", "T-2")
        }
        self._ingest(*reversed(deposits["T-1"]))
        for event in deposits["T-2"]:
            self._ingest(event)
        histories = [
            [
                (move.ladder, move.at, move.from_name, move.to_name, move.reason)
                for move in self._trader(ref).tier_event_ids
            ]
            for ref in ("T-1", "T-2")
        ]
        self.assertEqual(len(histories[0]), 3)
        self.assertEqual(*histories)

    def test_who_trades_too_little_is_warned_and_falls_after_the_grace(self):
        self._ingest(
            self._signup(days_ago=60),
            *[self._trade(days_ago=29) for _ in range(20)],
        )
        trader = self._trader()
        self.assertEqual(trader.tier_id.code, "moderate")
        trader.flush_recordset()
        self._fall_out_of_window()
        self._night(2)
        self.assertEqual(trader.tier_id.code, "moderate")
        self.assertEqual(trader.tier_review_on, (self.now + timedelta(days=9)).date())
        self._night(8)
        self.assertEqual(trader.tier_id.code, "moderate")
        self._night(9)
        self.assertRecordValues(
            trader,
            [{"tier_id": self._tier("low").id, "tier_review_on": False}],
        )
        self.assertEqual(self._moves()[-1][2], "below")

    def test_who_recovers_keeps_the_tier_and_loses_the_warning(self):
        self._ingest(
            self._signup(days_ago=60),
            *[self._trade(days_ago=29) for _ in range(20)],
        )
        self._fall_out_of_window()
        self._night(2)
        self.assertTrue(self._trader().tier_review_on)
        self._ingest(self._deposit("450.00"))
        self._night(3)
        self.assertFalse(self._trader().tier_review_on)
        self.assertEqual(self._trader().tier_id.code, "moderate")

    def test_a_correction_costs_the_tier_at_once(self):
        self._ingest(self._signup(), self._deposit("600.00"))
        trader = self._trader()
        self.env.cr.execute("UPDATE veloc_trader SET deposit_total = 10")
        self.env["veloc.ingest.tiers"]._settle(self.now, [trader.id])
        self.env.invalidate_all()
        self.assertEqual(trader.tier_id.code, "low")
        self.assertEqual(self._moves()[-1][2], "corrected")

    def test_an_edited_threshold_lifts_by_the_job_and_is_kept_in_the_history(self):
        manager = new_test_user(self.env, "boss", groups="veloc_crm.group_manager")
        self._ingest(self._signup(), self._deposit("400.00"))
        self._tier("moderate").with_user(manager).deposit_total = 300
        with self.enter_registry_test_mode():
            self.env.ref("veloc_crm.ir_cron_retier").method_direct_trigger()
        self.assertEqual(self._moves(), [("Low volume", "Moderate", "reached")])

    def test_the_night_lifts_by_net_deposits_and_news_do_not(self):
        self._tier("moderate").write(
            {"deposit_total": 0, "trades_30d": 0, "net_deposit": 100}
        )
        self._ingest(self._signup(), self._deposit("150.00"))
        self.assertEqual(self._trader().tier_id.code, "low")
        self._night(0)
        self.assertEqual(self._trader().tier_id.code, "moderate")

    def test_wrong_numbers_are_refused(self):
        tier = self._tier("moderate")
        for values in (
            {"trades_30d": -1},
            {"stay_percent": 0},
            {"stay_percent": 101},
            {"at_risk_days": 10},
            {"at_risk_days": 10, "churned_days": 10},
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                tier.write(values)

    def test_a_vip_is_missed_sooner_than_others(self):
        self._tier("vip").write({"at_risk_days": 10, "churned_days": 20})
        self._ingest(
            *[self._signup(f"T-{n}", days_ago=40) for n in (1, 2)],
            self._deposit("5000.00", "T-1", days_ago=12),
            self._deposit("10.00", "T-2", days_ago=12),
        )
        with self.enter_registry_test_mode():
            self.env.ref("veloc_crm.ir_cron_age_stages").method_direct_trigger()
        stages = [self._trader(ref).stage for ref in ("T-1", "T-2")]
        self.assertEqual(stages, ["at_risk", "first_deposit"])

    def test_queries_do_not_grow_with_the_people(self):
        self._ingest(*[self._signup(f"T-{n}", days_ago=2) for n in range(40)])
        settle = self.env["veloc.ingest.tiers"]._settle
        ids = self.env["veloc.trader"].search([]).ids
        counts = []
        for some in (ids[:2], ids[:40]):
            self.env.cr.execute(
                "UPDATE veloc_trader SET deposit_total = 600 WHERE id = ANY(%s)",
                [some],
            )
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            settle(self.now)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_the_rule_and_the_statement_agree_about_everybody(self):
        self._ingest(
            *[self._signup(f"T-{n}", days_ago=50) for n in range(12)],
            *[
                self._deposit(f"{100 * n * n}.00", f"T-{n}", days_ago=n)
                for n in range(1, 12)
            ],
        )
        engine = self.env["veloc.ingest.tiers"]
        ladder = self.env["veloc.tier"]._get_ladder()
        rows = engine._count_places("tier", ladder, self.env.companies.ids)
        self.assertEqual([row for row in rows if row["from_id"] != row["to_id"]], [])
        self.assertEqual(sum(row["traders"] for row in rows), 12)


@tagged("post_install", "-at_install")
class TestVipLevels(LadderCase):
    """Levels by points, and what they bring."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.managers = [
            new_test_user(cls.env, f"manager-{n}", groups="veloc_crm.group_user")
            for n in range(2)
        ]
        benefit = cls.env.ref("veloc_crm.veloc_vip_benefit_manager")
        benefit.manager_ids = [user.id for user in cls.managers]

    def _benefits(self, ref="T-1"):
        return set(self._trader(ref).vip_grant_ids.mapped("kind"))

    def test_points_lift_to_a_level_and_bring_its_benefits_and_those_below(self):
        self._ingest(self._signup(days_ago=9), self._deposit("20000.00", days_ago=1))
        self.assertEqual(self._trader().vip_level_id.code, "silver")
        self.assertEqual(self._benefits(), {"report", "withdrawal"})
        self._ingest(self._deposit("80000.00"))
        self.assertEqual(self._benefits(), {"report", "withdrawal", "account_manager"})

    def test_a_fall_ends_the_benefits_and_frees_the_manager(self):
        self._ingest(self._signup(days_ago=60), self._deposit("100000.00", days_ago=59))
        trader = self._trader()
        self.assertTrue(trader.account_manager_id)
        self._fall_out_of_window()
        self._night(1)
        self._night(9)
        self.assertFalse(trader.vip_level_id)
        self.assertFalse(trader.account_manager_id)
        self.assertFalse(trader.vip_grant_ids)
        ended = self.env["veloc.vip.grant"].search([("trader_id", "=", trader.id)])
        self.assertTrue(all(grant.until for grant in ended))

    def test_new_vips_are_shared_among_the_managers(self):
        refs = [f"T-{n}" for n in range(4)]
        self._ingest(
            *[self._signup(ref, days_ago=9) for ref in refs],
            *[self._deposit("100000.00", ref) for ref in refs],
        )
        managers = [self._trader(ref).account_manager_id for ref in refs]
        self.assertEqual(sorted(map(managers.count, self.managers)), [2, 2])

    def test_who_protects_themselves_is_not_drawn_to_trade(self):
        self._ingest(self._signup(days_ago=9), self._deposit("500000.00"))
        trader = self._trader()
        grants = trader.vip_grant_ids
        self.assertFalse(any(grants.mapped("withheld_because")))
        self.env["veloc.suppression"]._impose(
            trader.partner_id.ids, "self_exclusion", source="test"
        )
        grants.invalidate_recordset()
        withheld = grants.filtered("withheld_because")
        self.assertEqual(withheld.mapped("kind"), ["event"])

    def test_only_an_account_manager_benefit_names_managers(self):
        report = self.env.ref("veloc_crm.veloc_vip_benefit_report")
        with self.assertRaises(ValidationError):
            report.manager_ids = [self.managers[0].id]

    def test_a_level_without_thresholds_takes_nobody(self):
        self._level("bronze").points = 0
        self._ingest(self._signup())
        self.assertFalse(self._trader().vip_level_id)


@tagged("post_install", "-at_install")
class TestTierBoard(LadderCase):
    """Who stands where, and how the last month moved."""

    def test_the_board_counts_people_moves_and_money(self):
        tier = self._tier("moderate")
        before = (tier.trader_count, tier.risen_30d, tier.net_deposit_sum)
        self._ingest(self._signup(), self._deposit("600.00"))
        tier.invalidate_recordset()
        after = (tier.trader_count, tier.risen_30d, tier.net_deposit_sum)
        grown = [new - old for old, new in zip(before, after, strict=True)]
        self.assertEqual(grown, [1, 1, 600])

    def test_moves_open_from_the_board(self):
        self._ingest(self._signup(), self._deposit("600.00"))
        action = self._tier("moderate").action_open_moves()
        moves = self.env["veloc.tier.event"].search(action["domain"])
        self.assertIn(self._trader(), moves.trader_id)

    def test_stages_are_counted_with_the_time_people_stay(self):
        self._ingest(
            *[self._signup(f"T-{n}", days_ago=50 + n) for n in range(3)],
            self._deposit("10.00", "T-1", days_ago=41),
        )
        lines = self.env["veloc.stage.board"].search(
            [("company_id", "=", self.env.company.id)]
        )
        board = {line.stage: line for line in lines}
        people = self.env["veloc.trader"].search(
            board["signup"].action_open_traders()["domain"]
        )
        self.assertEqual(board["signup"].trader_count, len(people))
        self.assertIn(self._trader("T-0"), people)
        self.assertGreater(board["signup"].waiting_days, 0)
        self.assertGreater(board["signup"].stayed_days, 0)

    def test_the_worth_of_a_point_is_a_setting_and_nonsense_stops_nothing(self):
        tiers = self.env["veloc.ingest.tiers"]
        with self.assertRaises(ValidationError):
            self.env["res.config.settings"].create({"veloc_point_volume": 0})
        self.env["res.config.settings"].create({"veloc_point_deposit": 5}).execute()
        self.assertEqual(tiers._point_worth(), (1000, 5))
        self.env["ir.config_parameter"].set_param("veloc_crm.point_deposit", "much")
        self.assertEqual(tiers._point_worth(), (1000, 10))
