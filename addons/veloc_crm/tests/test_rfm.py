from datetime import timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from ..rules import rfm
from .score_case import ScoreCase


@tagged("post_install", "-at_install")
class TestRfm(ScoreCase):
    """Scores, segments and moves of a company's clients."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.runs = cls.env["veloc.rfm.run"]

    def test_fifths_of_recency_frequency_and_value(self):
        self._group()
        told = self._night()
        self.assertEqual(told["people"], 10)
        self.assertEqual(told["changed"], 10)
        self.assertEqual(self._scores("T-0"), (1, 1, 1))
        self.assertEqual(self._scores("T-5"), (3, 3, 3))
        self.assertEqual(self._scores("T-9"), (5, 5, 5))
        champions = self.env.ref("veloc_crm.veloc_rfm_segment_champions")
        self.assertEqual(self._figures("T-9").rfm_segment_id, champions)
        self.assertIn(
            self._trader("T-9"),
            self.env["veloc.trader"].search([("rfm_segment_id", "=", champions.id)]),
        )

    def test_the_database_scores_as_the_rule_does(self):
        self._group()
        self._night()
        run = self.runs._last(self.env.company)
        for n in range(10):
            figures = self._figures(f"T-{n}")
            days = (run.as_of - figures.last_active_day).days
            net = self._trader(f"T-{n}").net_deposit
            self.assertEqual(
                self._scores(f"T-{n}"),
                (
                    rfm.score_recency(days, run.limits["days"]),
                    rfm.score(figures.deposit_days, run.limits["times"]),
                    rfm.score(net, run.limits["money"]),
                ),
            )

    def test_equal_clients_are_scored_alike_whoever_came_first(self):
        events = []
        for n in range(7):
            events += self._client(f"T-{n}", 10)
        events += self._client("T-7", 10, 5, amount="900")
        self._ingest(*events)
        self._night()
        self.assertEqual(len({self._scores(f"T-{n}") for n in range(7)}), 1)
        self.assertGreater(self._scores("T-7")[1], self._scores("T-0")[1])

    def test_who_never_deposited_has_no_score(self):
        self._ingest(self._signup("T-1"))
        self.assertEqual(self._night()["people"], 0)
        self.assertFalse(self._figures("T-1").rfm_segment_id)

    def test_a_second_night_writes_only_what_changed(self):
        self._group()
        self._night()
        told = self._night(after=timedelta(minutes=5))
        self.assertEqual(told["changed"], 0)

    def test_a_night_that_was_interrupted_goes_on_and_is_counted_once(self):
        self._group()
        company, runs = self.env.company, self.runs
        run = runs.create(
            {
                "company_id": company.id,
                "at": self.now,
                **runs._prepare_run(company, self.now),
            }
        )
        half = self._trader("T-4").id
        run._write_batch(half)
        run.last_id = half
        self.assertFalse(self._figures("T-9").rfm_r)
        self._night()
        self.assertTrue(run.is_done)
        self.assertEqual(self._scores("T-9"), (5, 5, 5))
        self.assertEqual(sum(cell["count"] for cell in run.cells), 10)

    def test_moves_are_counted_from_the_first_run_of_a_month(self):
        self._group()
        self._night()
        before = self._figures("T-0").rfm_segment_id
        self._ingest(
            *(
                self._event(
                    "deposit_approved",
                    "T-0",
                    amount="5000",
                    currency="BRL",
                    days_ago=n,
                )
                for n in range(9)
            )
        )
        self._night(after=timedelta(days=32))
        now = self._figures("T-0")
        self.assertEqual(now.previous_rfm_segment_id, before)
        self.assertNotEqual(now.rfm_segment_id, before)
        run = self.runs._last(self.env.company)
        self.assertIn([before.id, now.rfm_segment_id.id, 1], run.moves)

    def test_a_change_that_leaves_somebody_nowhere_is_refused(self):
        lost = self.env.ref("veloc_crm.veloc_rfm_segment_lost")
        with self.assertRaisesRegex(ValidationError, "125"):
            lost.r_min = 2
        with self.assertRaisesRegex(ValidationError, "125"):
            lost.active = False
        with self.assertRaisesRegex(ValidationError, "125"):
            lost.unlink()

    def test_an_edited_rule_moves_people_the_next_night(self):
        self._group()
        self._night()
        champions = self.env.ref("veloc_crm.veloc_rfm_segment_champions")
        champions.r_max = 4
        self._night(after=timedelta(minutes=5))
        self.assertNotEqual(self._figures("T-9").rfm_segment_id, champions)

    def test_the_grid_shows_counts_and_average_values(self):
        self._group()
        self._night()
        data = self.env["veloc.rfm.board"].load()
        self.assertEqual(sum(cell["count"] for cell in data["grid"]), 10)
        self.assertEqual(sum(segment["count"] for segment in data["segments"]), 10)
        action = self.env["veloc.rfm.board"].open_cell(5, 5)
        found = self.env["veloc.trader"].search(action["domain"])
        self.assertIn(self._trader("T-9"), found)

    def test_without_a_run_the_grid_says_so(self):
        company = self.env["res.company"].create({"name": "Empty"})
        board = self.env["veloc.rfm.board"].with_company(company)
        self.assertIsNone(board.load()["run"])

    def test_agents_read_the_grid_and_only_managers_edit_rules(self):
        agent = new_test_user(self.env, "rfm_agent", "veloc_crm.group_user")
        self.assertIn("grid", self.env["veloc.rfm.board"].with_user(agent).load())
        with self.assertRaises(AccessError):
            self.env.ref("veloc_crm.veloc_rfm_segment_lost").with_user(agent).name = "x"
        stranger = new_test_user(self.env, "rfm_nobody", "base.group_user")
        with self.assertRaises(AccessError):
            self.env["veloc.rfm.board"].with_user(stranger).load()
        with self.assertRaises(AccessError):
            self.env["veloc.rfm.board"].with_user(stranger).open_cell(1, 1)
