from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..models.state import veloc_trader_state_proof
from .common import CrmCase

NIGHTLY = "veloc_crm.ir_cron_nightly"


@tagged("post_install", "-at_install")
class TestNightly(CrmCase):
    """Windows move, figures are proved, and a run tells what was done."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # No other part's lists: this is about the figures.
        cls.env["veloc.segment"].search([]).active = False

    def _run_night(self):
        with self.enter_registry_test_mode():
            self.env.ref(NIGHTLY).method_direct_trigger()
        self.env.invalidate_all()
        return self.env["veloc.nightly.run"].search([], limit=1)

    def _step(self, run, code):
        return next(step for step in run.steps if step["code"] == code)

    def _broken_trader(self):
        self._ingest(self._signup(), self._deposit("70.00", days_ago=2))
        self.env.cr.execute(
            "UPDATE veloc_trader_state SET deposit_total_30 = 71;"
            "UPDATE veloc_trader SET deposit_count = 9;"
            "UPDATE veloc_trader_day_raw SET login_count = 3 WHERE deposit_count = 1"
        )
        self.env.invalidate_all()
        return self._trader()

    def _wanted_repairs(self, trader):
        repairs = self.env["veloc.state.repair"].search([("trader_id", "=", trader.id)])
        return {(r.place, r.name, r.was, r.is_now) for r in repairs}

    def test_what_differs_from_the_events_is_repaired_kept_and_told(self):
        trader = self._broken_trader()
        run = self._run_night()
        self.assertEqual(trader.deposit_total_30, 70)
        self.assertEqual(trader.deposit_count, 1)
        self.assertEqual(
            self._wanted_repairs(trader),
            {
                ("figures", "deposit_total_30", "71", "70.00"),
                ("trader", "deposit_count", "9", "1"),
                ("day", "login_count", "3", "0"),
            },
        )
        self.assertEqual(self._step(run, "reconcile")["counts"]["repairs"], 3)
        alert = self.env["veloc.alert"].search([("code", "=", "figures_repaired")])
        self.assertEqual((alert.res_model, alert.res_id), (run._name, run.id))

    def test_a_second_night_finds_nothing(self):
        trader = self._broken_trader()
        self._run_night()
        before = self._wanted_repairs(trader)
        self._run_night()
        self.assertEqual(self._wanted_repairs(trader), before)

    def test_everybodys_turn_comes_however_many_there_are(self):
        self._ingest(*(self._signup(f"T-{n}") for n in range(9)))
        runs, figures = self.env["veloc.nightly.run"], self.env["veloc.trader.state"]
        # All news is older than the night before.
        later = self.now + timedelta(hours=3)
        runs.create({"started_at": later, "state": "done"})
        ids = self.env["veloc.trader"].search([]).ids
        width = ids[-1] - ids[0] + 1 if ids[0] < ids[-1] else ids[0] - ids[-1] + 1
        nights = max(veloc_trader_state_proof.SHARES, -(-width // 3))
        self.patch(veloc_trader_state_proof, "MOST_A_NIGHT", 3)
        run, proved = runs.create({}), []
        for night in range(nights + 1):
            run.started_at = later + timedelta(days=night)
            share = figures._find_to_prove(run)
            self.assertLessEqual(len(share), max(3, -(-width // 7)))
            proved += share
        self.assertEqual(set(proved), set(ids))

    def test_who_has_less_in_a_window_is_told_to_the_segments(self):
        for ref, days in (("T-1", 2), ("T-2", 1)):
            self._ingest(self._signup(ref, 60), self._deposit("70.00", ref, days))
        ids = [self._trader(ref).id for ref in ("T-1", "T-2")]
        self.env.cr.execute(
            "INSERT INTO veloc_segment_mark (trader_id, truths, segment_ids)"
            " SELECT id, '{}', '{}' FROM unnest(%s) AS t (id)"
            " ON CONFLICT (trader_id) DO UPDATE SET next_check_at = NULL",
            [ids],
        )
        with self.enter_registry_test_mode(), self.env.registry.cursor() as cr:
            self.env(cr=cr)["veloc.trader.state"]._move_windows(
                self.now + timedelta(days=5)
            )
        self.env.cr.execute(
            "SELECT trader_id FROM veloc_segment_mark"
            " WHERE trader_id = ANY(%s) AND next_check_at IS NOT NULL",
            [ids],
        )
        self.assertEqual(self.env.cr.fetchall(), [(ids[0],)])
        states = self.env["veloc.trader.state"].browse(ids)
        self.assertEqual(len(set(states.mapped("as_of"))), 1)

    def test_a_lost_day_comes_back_and_an_invented_one_goes(self):
        self._ingest(self._signup(), self._deposit("70.00", days_ago=2))
        trader = self._trader()
        self.env.cr.execute(
            "UPDATE veloc_trader_day_raw SET day = day - 5 WHERE deposit_count = 1"
        )
        self.env["veloc.trader.state"]._recompute(trader.ids, is_proof=True)
        days = self.env["veloc.trader.day"].search(
            [("trader_id", "=", trader.id), ("deposit_count", "=", 1)]
        )
        today = self.env["veloc.trader.state"]._broker_day(self.now)
        self.assertEqual(days.mapped("day"), [today - timedelta(days=2)])

    def test_windows_give_up_what_is_too_old(self):
        self._ingest(self._signup(), self._deposit("70.00", days_ago=2))
        figures = self._trader().figures_id
        self.assertEqual(figures.deposit_total_7, 70)
        with self.enter_registry_test_mode(), self.env.registry.cursor() as cr:
            moved = self.env(cr=cr)["veloc.trader.state"]._move_windows(
                self.now + timedelta(days=5)
            )
        self.env.invalidate_all()
        self.assertGreaterEqual(moved["moved"], 1)
        self.assertEqual(figures.deposit_total_7, 0)
        self.assertEqual(figures.active_days_7, 0)
        self.assertEqual(figures.deposit_total_30, 70)

    def test_who_is_marked_is_counted_anew_without_being_a_repair(self):
        trader = self._broken_trader()
        self.env.cr.execute("UPDATE veloc_trader_state SET dirty = true")
        with self.enter_registry_test_mode():
            self.env.ref("veloc_crm.ir_cron_state_dirty").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(trader.deposit_total_30, 70)
        self.assertFalse(trader.figures_id.dirty)
        self.assertFalse(self._wanted_repairs(trader))

    def test_a_step_that_fails_is_noted_and_told_and_the_others_go_on(self):
        self._ingest(self._signup())
        self.env.cr.execute("ALTER TABLE veloc_trader_state RENAME as_of TO gone")
        with self.assertLogs("odoo.addons.veloc_crm", "ERROR"), self._sql_log():
            run = self._run_night()
        self.env.cr.execute("ALTER TABLE veloc_trader_state RENAME gone TO as_of")
        self.assertEqual(run.state, "failed")
        self.assertEqual(self._step(run, "windows")["error"], "UndefinedColumn")
        codes = [step["code"] for step in run.steps]
        self.assertEqual(codes[0], "windows")
        self.assertIn("archive", codes)
        self.assertTrue(
            self.env["veloc.alert"].search([("code", "=", "nightly_failed")])
        )

    def _sql_log(self):
        return self.assertLogs("odoo.sql_db", "ERROR")

    def test_the_run_says_in_words_what_each_step_did(self):
        run = self.env["veloc.nightly.run"].create({})
        run._note("windows", 1.25, {"moved": 1200})
        run._note("windows", 1.0, {"moved": 300, "remaining": 0})
        run._note("scores", 0.5, {"remaining": 0}, "ValueError")
        table = run.with_context(lang="en_US").steps_table
        self.assertRegex(table, r"1[.,]500")
        self.assertIn("ValueError", table)
        run._end()
        self.assertEqual(run.state, "failed")

    def test_an_interrupted_run_goes_on_where_it_stopped(self):
        runs = self.env["veloc.nightly.run"]
        run = runs._current()
        run._note("windows", 1, {"moved": 5, "remaining": 7})
        self.assertFalse(run._is_over("windows"))
        run._note("windows", 1, {"moved": 7, "remaining": 0})
        self.assertTrue(run._is_over("windows"))
        self.assertEqual(runs._current(), run)

    def test_only_a_manager_starts_the_proof_of_everybody(self):
        runs = self.env["veloc.nightly.run"]
        manager = new_test_user(self.env, "boss", "veloc_crm.group_manager")
        runs.with_user(manager).action_run_whole()
        self.assertTrue(runs._current().is_whole)
        agent = new_test_user(self.env, "agent", "veloc_crm.group_user")
        with self.assertRaises(AccessError):
            runs.with_user(agent).action_run_whole()

    def test_a_repair_can_be_neither_changed_nor_deleted(self):
        trader = self._broken_trader()
        self.env["veloc.trader.state"]._recompute(trader.ids, is_proof=True)
        repair = self.env["veloc.state.repair"].search([], limit=1)
        with self.assertRaises(UserError):
            repair.write({"was": "1"})
        with self.assertRaises(UserError):
            repair.unlink()

    def test_a_repair_names_the_figure_in_words(self):
        trader = self._broken_trader()
        self.env["veloc.trader.state"]._recompute(trader.ids, is_proof=True)
        repairs = self.env["veloc.state.repair"].with_context(lang="en_US")
        names = repairs.search([("trader_id", "=", trader.id)]).mapped("figure")
        self.assertEqual(sorted(names), ["Deposited, 30 Days", "Deposits", "Logins"])

    def test_the_proof_asks_as_many_queries_for_many_as_for_one(self):
        self._ingest(
            *(self._signup(f"T-{n}", email=f"{n}@example.com") for n in range(9))
        )
        figures = self.env["veloc.trader.state"]
        ids = self.env["veloc.trader"].search([]).ids
        figures._recompute(ids[:1], is_proof=True)
        self.env.flush_all()
        with self.assertQueryCount(4):
            figures._recompute(ids, fields.Datetime.now(), is_proof=True)
