import random
from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from ..models.scoring.veloc_score_frame import CARE
from ..rules import propensity
from .score_case import ScoreCase


class HistoryCase(ScoreCase):
    """A broker with two thirds of a year behind it: 500 clients and 1,000 sign-ups.

    Half of the clients deposit every twelve days and some stop; half every fifty.
    Sign-ups who log in deposit after some 25 days, the others do not.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        dice = random.Random(11)
        self = cls("_ingest")  # the mixin's methods need an object, not a test
        events = []
        for n in range(500):
            events += cls._client_events(self, f"T-C{n}", n % 2 == 0, dice)
        for n in range(1000):
            events += cls._lead_events(self, f"T-L{n}", n % 2 == 0, dice)
        events.sort(key=lambda event: event["at"])
        cls.env.user.group_ids |= cls.env.ref("veloc_crm.group_integration")
        for start in range(0, len(events), 5000):
            cls.env["veloc.ingest"]._process(
                "broker", events[start : start + 5000], False
            )
        cls._learn(self, "activity", "value", *propensity.KINDS)

    def _client_events(self, ref, is_regular, dice):
        start = dice.uniform(200, 240)
        gap = 12 if is_regular else 50
        end = dice.uniform(0, 150) if dice.random() < 0.4 else 0
        yield self._signup(ref, start + 1, email=f"{ref}@example.com", phone="")
        day = start
        while day > end:
            yield self._deposit(str(dice.randint(50, 400)), ref, day)
            yield self._trade(str(dice.randint(2000, 90000)), "0", ref, day)
            day -= max(dice.expovariate(1 / gap), 1)

    def _lead_events(self, ref, is_keen, dice):
        start = dice.uniform(0, 210)
        yield self._signup(ref, start, email=f"{ref}@example.com", phone="")
        if not is_keen:
            return
        for _n in range(5):
            day = start - dice.uniform(0, 20)
            if day > 0:
                yield self._event("login", ref, day)
        if start > 27:
            yield self._deposit("100", ref, start - dice.uniform(22, 27))

    def _learn(self, *kinds):
        """Train these kinds now, as the weekly job does."""
        env, company = self.env, self.env.company
        methods = {
            "activity": env["veloc.score.activity"]._train,
            "value": env["veloc.score.value"]._train,
        }
        for kind in kinds:
            train = methods.get(kind, env["veloc.score.trainer"]._train_chance)
            train(company, kind, self.now)

    def _live(self, kind):
        return self.env["veloc.score.model"]._live(self.env.company, kind)

    def _score(self, **more):
        return self._night("veloc.score.run", **more)

    def _by_ref(self, name):
        """Return {reference: score} of those who have it."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT t.external_ref, to_jsonb(s) FROM veloc_trader_state s"
            " JOIN veloc_trader t ON t.id = s.id WHERE t.external_ref LIKE 'T-%'"
        )
        rows = {ref: row[name] for ref, row in self.env.cr.fetchall()}
        return {ref: value for ref, value in rows.items() if value is not None}


@tagged("post_install", "-at_install")
class TestScores(HistoryCase):
    """From a history to models, scores and words."""

    def test_all_four_are_learnt_and_the_night_scores(self):
        for kind in ("activity", "value", *propensity.KINDS):
            self.assertTrue(self._live(kind), kind)
        self._score()
        clients = {ref for ref in self._by_ref("p_alive") if ref.startswith("T-C")}
        self.assertEqual(len(clients), 500)
        self._check_chances()
        self._check_rhythm()
        self._check_values()

    def _check_chances(self):
        card = self._live(propensity.NEXT)
        self.assertGreater(card.auc, 0.7)
        self.assertLess(card.brier, card.brier_base)
        self.assertEqual(len(card.calibration_table["rows"]), 10)
        self.assertFalse(card.approved_by_id)
        first, later = self._by_ref("p_first_deposit"), self._by_ref("p_next_deposit")
        self.assertFalse(first.keys() & later.keys())
        self.assertTrue(all(0 <= p <= 1 for p in [*first.values(), *later.values()]))
        regular = [p for ref, p in later.items() if int(ref[3:]) % 2 == 0]
        seldom = [p for ref, p in later.items() if int(ref[3:]) % 2]
        self.assertGreater(sum(regular) / len(regular), sum(seldom) / len(seldom))

    def _check_rhythm(self):
        alive, risk = self._by_ref("p_alive"), self._by_ref("churn_risk")
        for ref, chance in alive.items():
            self.assertAlmostEqual(chance + risk[ref], 1, 5)
            self.assertLess(chance, 1)

    def _check_values(self):
        values = self._by_ref("ltv")
        self.assertTrue(all(value >= 0 for value in values.values()))
        self.assertEqual(values.keys(), self._by_ref("ltv_simple").keys())

    def test_the_figures_and_the_days_tell_a_model_the_same(self):
        """What is learnt from and what is scored must be the same numbers."""
        frame, company = self.env["veloc.score.frame"], self.env.company
        today = frame._today(self.now)
        for kind in propensity.KINDS:
            _outcome, past = frame._past(kind, company, today, 10_000)
            now = frame._now(kind, today, self._all_here())
            rows = propensity.design(kind, [row[1:] for row in now])
            self.assertEqual(len(past), len(rows))
            self.assertEqual(
                sorted(tuple(row) for row in past.round(6).tolist()),
                sorted(tuple(row) for row in rows.round(6).tolist()),
            )

    def _all_here(self):
        return SQL("s.company_id = %s", self.env.company.id)

    def test_a_second_night_writes_almost_nothing(self):
        first = self._score()
        again = self._score(after=timedelta(minutes=5))
        self.assertGreater(first["changed"], 1000)
        self.assertEqual(again["changed"], 0)

    def test_only_whom_a_day_may_have_changed_is_scored_again(self):
        self._score()
        self.env["veloc.score.model"].search([]).live_since = self.now - timedelta(1)
        self.env.cr.execute(
            "UPDATE veloc_trader_state SET p_alive = 2, active_days_90 = 0,"
            " withdrawal_count_90 = 0, login_count_90 = 0,"
            " last_event_at = %s WHERE p_alive IS NOT NULL",
            [self.now - timedelta(days=200)],
        )
        come = self._figures("T-C0")
        self.env.cr.execute(
            "UPDATE veloc_trader_state SET login_count_90 = 1 WHERE id = %s", [come.id]
        )
        told = self._score(after=timedelta(minutes=5))
        again = {ref for ref, p in self._by_ref("p_alive").items() if p <= 1}
        self.assertIn("T-C0", again)
        self.assertLess(len(again), 250)
        # Counted are all who have scores, not only whom this night looked at.
        self.assertGreaterEqual(told["people"], len(self._by_ref("p_alive")))
        for day in range(1, 7):
            self._score(after=timedelta(days=day))
        self.assertLessEqual(max(self._by_ref("p_alive").values()), 1)

    def test_people_in_care_get_no_chance_and_are_told_why(self):
        self._score()
        trader = self._trader("T-C0")
        self.assertIn("T-C0", self._by_ref("p_next_deposit"))
        self.env["veloc.suppression"]._impose(
            trader.partner_id.ids, "self_exclusion", source="test"
        )
        self._score(after=timedelta(minutes=5))
        self.assertNotIn("T-C0", self._by_ref("p_next_deposit"))
        told = {line["code"]: line for line in trader.figures_id._explain_scores()}
        self.assertIsNone(told["p_next_deposit"]["value"])
        self.assertIn("protected", told["p_next_deposit"]["text"])

    def test_scores_are_explained_with_three_reasons(self):
        self._night()
        self._score()
        figures = self._figures("T-C0")
        told = {line["code"]: line for line in figures._explain_scores()}
        self.assertEqual(len(told["p_next_deposit"]["reasons"]), 3)
        self.assertIn("%", told["churn_risk"]["text"])
        self.assertEqual(told["rfm"]["value"], figures.rfm_segment_id.name)
        self.assertEqual(len(told["ltv"]["reasons"]), 2)

    def test_what_is_no_better_leaves_the_model_in_use_alone(self):
        before = {kind: self._live(kind) for kind in propensity.KINDS}
        self._learn(*propensity.KINDS)
        for kind, model in before.items():
            self.assertEqual(self._live(kind), model)
            self.assertEqual(len(model.check_ids), 1)
            self.assertEqual(model.check_ids.people, model.metrics["people"])

    def test_a_model_that_says_too_much_is_told(self):
        live = self._live(propensity.NEXT)
        wrong = {**live.parameters, "intercept": live.parameters["intercept"] + 3}
        live.parameters = wrong
        self._learn(propensity.NEXT)
        check = live.check_ids
        self.assertEqual(check.verdict, "miscalibrated")
        alert = self.env["veloc.alert"].search([("code", "=", "score_drift")])
        self.assertEqual(alert.res_id, live.id)
        self.assertNotEqual(self._live(propensity.NEXT), live)  # and replaced

    def test_where_a_manager_approves_nothing_speaks_before(self):
        self.env["ir.config_parameter"].set_param("veloc_crm.score_approval", "person")
        self._live(propensity.NEXT)._retire()
        self._learn(propensity.NEXT)
        self.assertFalse(self._live(propensity.NEXT))
        card = self.env["veloc.score.model"]._newest(self.env.company, propensity.NEXT)
        self.assertEqual(card.state, "draft")
        analyst = new_test_user(self.env, "score_analyst", "veloc_crm.group_analyst")
        with self.assertRaises(AccessError):
            card.with_user(analyst).action_approve()
        manager = new_test_user(self.env, "score_manager", "veloc_crm.group_manager")
        card.with_user(manager).action_approve()
        self.assertEqual(card.state, "live")
        self.assertEqual(card.approved_by_id, manager)
        with self.assertRaises(UserError):
            card.with_user(manager).action_approve()
        card.with_user(manager).action_retire()
        self._score()
        self.assertFalse(self._by_ref("p_next_deposit"))

    def test_clusters_are_found_named_and_kept(self):
        told = self._night("veloc.cluster.run")
        self.assertGreater(told["people"], 500)
        run = self.env["veloc.cluster.run"].search([], limit=1)
        self.assertTrue(run.is_enough)
        self.assertEqual(len(run.trials), 6)
        self.assertEqual(sum(trial["is_chosen"] for trial in run.trials), 1)
        found = self.env["veloc.cluster"].search([])
        self.assertEqual(len(found), run.chosen)
        self.assertAlmostEqual(sum(found.mapped("share")), 1, 5)
        self.assertTrue(all(cluster.name for cluster in found))
        again = self._night("veloc.cluster.run", after=timedelta(days=1))
        self.assertEqual(again["people"], 0)  # once a week
        self._night("veloc.cluster.run", after=timedelta(days=7))
        kept = self.env["veloc.cluster"].search([])
        self.assertTrue(kept & found)
        members = self.env["veloc.trader"].search(
            kept[0].action_open_traders()["domain"]
        )
        self.assertTrue(members)

    def test_a_persons_review_empties_the_scores_for_good(self):
        self._score()
        trader = self._trader("T-C0")
        request = self._ask_review(trader)
        reviews = request.review_ids.filtered("score_code")
        self.assertIn("churn_risk", reviews.mapped("score_code"))
        officer = new_test_user(self.env, "reviewer", "veloc_compliance.group_officer")
        review = reviews[0].with_user(officer)
        review.write({"outcome": "annulled", "reason": "Counted a shared account."})
        review.action_record()
        self.assertNotIn("T-C0", self._by_ref("p_alive"))
        self._night()
        self._score(after=timedelta(minutes=5))
        for name in ("p_alive", "ltv", "p_next_deposit", "rfm_r"):
            self.assertNotIn("T-C0", self._by_ref(name))
        [line] = trader.figures_id._explain_scores()
        self.assertEqual(line["code"], "withheld")

    def _ask_review(self, trader):
        requests = self.env["veloc.privacy.request"]
        opened = requests.open("automated_review", {"email": "t-c0@example.com"})
        request = requests.browse(opened["id"])
        request._proven_by_login(trader.partner_id)
        return request


@tagged("post_install", "-at_install")
class TestLittleData(ScoreCase):
    """With a handful of people the screens say so, and nothing is made up."""

    def _train(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("veloc_crm.ir_cron_train_scores").method_direct_trigger()
        self.env.invalidate_all()

    def test_every_card_says_that_there_is_not_enough(self):
        self._group()
        self._train()
        cards = self.env["veloc.score.model"].search([])
        self.assertEqual(set(cards.mapped("state")), {"insufficient"})
        self.assertEqual(len(cards), 4)
        self.assertTrue(all(card.lacking for card in cards))
        cards.looked_at = False
        self._train()
        self.assertEqual(self.env["veloc.score.model"].search([]), cards)

    def test_the_trader_is_told_so_too(self):
        self._group()
        self._night()
        self._night("veloc.score.run")
        self._night("veloc.cluster.run")
        told = self._figures("T-9")._explain_scores()
        values = {line["code"]: line["value"] for line in told}
        self.assertTrue(values.pop("rfm"))  # works with few people
        self.assertEqual(set(values.values()), {None})
        run = self.env["veloc.cluster.run"].search([])
        self.assertFalse(run.is_enough)
        self.assertEqual(run.lacking, 190)

    def test_nothing_that_protects_people_is_a_feature(self):
        labels = self.env["veloc.trader.state"]._feature_labels()
        for kind in propensity.KINDS:
            for name in propensity.names(kind):
                self.assertIn(name, labels)
        self.assertIn("complaint", CARE)

    def test_nonsense_settings_count_as_the_default(self):
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("veloc_crm.margin_rate", "lots")
        parameters.set_param("veloc_crm.margin_base", "love")
        parameters.set_param("veloc_crm.rfm_money", "1; DROP TABLE")
        self.assertEqual(self.env["veloc.score.value"]._base(), ("volume", 0.0005))
        measures = self.env["veloc.rfm.run"]._measures()
        self.assertEqual(measures["money"], "net_deposit")

    def test_a_margin_of_nothing_cannot_be_set(self):
        with self.assertRaises(ValidationError):
            self.env["res.config.settings"].create({"veloc_margin_rate": 0})

    def test_the_night_knows_the_three_steps(self):
        codes = [step[1] for step in sorted(self.env["veloc.nightly"]._steps())]
        order = [codes.index(code) for code in ("rfm", "clusters", "scores")]
        self.assertEqual(order, sorted(order))
