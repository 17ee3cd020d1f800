"""Events that take back or correct earlier ones: as if it had always been so."""

from datetime import timedelta

from odoo.tests import tagged

from .common import CrmCase

FIGURES = (
    "deposit_count_30",
    "deposit_total_30",
    "trade_count_30",
    "volume_total_30",
    "result_total_30",
    "active_days",
    "deposit_days",
    "deposit_max",
    "event_count",
    "first_deposit_day",
    "last_deposit_day",
    "last_active_day",
    "streak_days",
)
SUMS = (
    "deposit_count",
    "deposit_total",
    "net_deposit",
    "trade_count",
    "volume_total",
    "result_total",
    "first_deposit_at",
    "last_deposit_at",
    "last_activity_at",
    "stage",
)


@tagged("post_install", "-at_install")
class TestReversals(CrmCase):
    def _reversal(self, target, **values):
        return self._event("reversal", data={"reverses": target}, **values)

    def _correction(self, target, data=None, **values):
        data = {"corrects": target, **(data or {})}
        return self._event("correction", data=data, **values)

    def _picture(self, ref="T-1"):
        trader = self._trader(ref)
        days = self.env["veloc.trader.day"].search([("trader_id", "=", trader.id)])
        return (
            {name: trader[name] for name in SUMS},
            {name: trader.figures_id[name] for name in FIGURES},
            sorted((day.day, day.deposit_total, day.trade_count) for day in days),
        )

    def _assert_as_if_never(self, told, *without):
        """What was told of T-1 leaves it as T-2, who only lived ``without``."""
        self._ingest(self._signup(days_ago=40), *told)
        self._ingest(self._signup("T-2", 40, email="b@example.com"), *without)
        self.assertEqual(self._picture(), self._picture("T-2"))

    def test_a_reversed_deposit_is_in_no_sum_window_date_or_stage(self):
        keep = self._deposit("50.00", days_ago=3)
        self._assert_as_if_never(
            [
                keep,
                self._deposit("900.00", days_ago=2, id="gone"),
                self._reversal("gone", days_ago=1),
            ],
            {**keep, "id": "b", "trader": "T-2"},
        )

    def test_it_makes_no_difference_when_the_reversal_comes(self):
        trade = self._trade(days_ago=2)
        self._ingest(
            self._signup(days_ago=40),
            self._deposit(days_ago=9),
            trade,
            self._trade(days_ago=1),
        )
        before = self._picture()
        self._ingest(self._trade(volume="7", days_ago=0) | {"id": "late"})
        self._ingest(self._reversal("late"))
        self.assertEqual(self._picture(), before)

    def test_the_only_deposit_taken_back_takes_the_first_deposit_back(self):
        self._ingest(self._signup(days_ago=9), self._deposit(days_ago=5, id="d"))
        self._ingest(self._reversal("d"))
        trader = self._trader()
        self.assertRecordValues(
            trader,
            [
                {
                    "stage": "signup",
                    "first_deposit_at": False,
                    "last_activity_at": False,
                    "next_stage_at": False,
                    "deposit_count": 0,
                    "net_deposit": 0,
                }
            ],
        )
        lines = trader.lifecycle_event_ids.sorted("id")
        self.assertEqual(
            [(line.stage, line.from_stage, line.reason) for line in lines],
            [
                ("signup", False, "signup"),
                ("first_deposit", "signup", "reversed"),
                ("signup", "first_deposit", "reversal"),
            ],
        )

    def test_a_deposit_after_that_is_the_first(self):
        self._ingest(self._signup(days_ago=9), self._deposit(days_ago=5, id="d"))
        self._ingest(self._reversal("d"))
        self._ingest(self._deposit(days_ago=1))
        trader = self._trader()
        self.assertEqual(trader.first_deposit_at, self.now - timedelta(days=1))
        self.assertEqual(trader.stage, "first_deposit")
        current = trader.lifecycle_event_ids.filtered(
            lambda line: (
                (line.stage, line.reason) == ("first_deposit", "deposit_approved")
            )
        )
        self.assertEqual(current.at, trader.first_deposit_at)

    def test_the_second_deposit_becomes_the_first(self):
        self._ingest(
            self._signup(days_ago=9),
            self._deposit(days_ago=5, id="d"),
            self._deposit(days_ago=2),
        )
        self._ingest(self._reversal("d"))
        self.assertRecordValues(
            self._trader(),
            [
                {
                    "stage": "first_deposit",
                    "first_deposit_at": self.now - timedelta(days=2),
                }
            ],
        )

    def test_a_correction_replaces_the_amount_and_the_latest_holds(self):
        keep = self._deposit("70.00", days_ago=3)
        self._assert_as_if_never(
            [
                self._deposit("7000.00", days_ago=3, id="wrong"),
                self._correction("wrong", amount="70.00", days_ago=1),
                self._correction("wrong", amount="99.00", days_ago=2),
            ],
            {**keep, "id": "b", "trader": "T-2"},
        )
        self.assertEqual(self._trader().deposit_total, 70)

    def test_a_correction_of_a_trade_replaces_what_it_names(self):
        trade = self._trade(volume="1000", result="-5", days_ago=3)
        self._ingest(self._signup(days_ago=9), trade)
        self._ingest(self._correction(trade["id"], {"result": "5"}))
        self.assertRecordValues(
            self._trader(), [{"volume_total": 1000, "result_total": 5}]
        )

    def test_a_correction_takes_the_rate_of_the_day_of_what_it_corrects(self):
        dollar = self.env.ref("base.USD")
        rates = self.env["res.currency.rate"]
        rates.search([("currency_id", "=", dollar.id)]).unlink()
        for days, rate in ((9, 0.5), (1, 0.2)):
            day = self.now.date() - timedelta(days=days)
            rates.create({"currency_id": dollar.id, "name": day, "rate": rate})
        told = {"amount": "10.00", "currency": "USD"}
        self._ingest(
            self._signup(days_ago=9),
            self._deposit(days_ago=5, id="d", **told),
            self._correction("d", amount="30.00", currency="USD"),
        )
        self.assertEqual(self._trader().deposit_total, 60)

    def test_what_names_no_event_of_this_trader_is_refused(self):
        self._ingest(
            self._signup(days_ago=9),
            self._signup("T-2", email="b@example.com"),
            self._deposit(id="d"),
        )
        answer = self._ingest(
            self._reversal("nothing"), self._reversal("d", trader="T-2")
        )
        self.assertEqual(
            [row["code"] for row in answer["rejected"]], ["unknown_target"] * 2
        )
        answer = self._ingest(self._reversal("d"), source="another")
        self.assertEqual(answer["rejected"][0]["code"], "unknown_target")
        self.assertEqual(self._trader().deposit_count, 1)

    def test_a_target_that_is_refused_takes_its_reversal_with_it(self):
        answer = self._ingest(
            self._signup(),
            self._deposit(currency="XAU", id="d"),
            self._reversal("d"),
        )
        self.assertEqual(
            [row["code"] for row in answer["rejected"]], ["no_rate", "unknown_target"]
        )

    def test_only_what_counts_can_be_reversed_and_no_reversal(self):
        self._ingest(
            self._signup() | {"id": "s"}, self._deposit(id="d"), self._reversal("d")
        )
        reversal = self.env["veloc.trader.event"].search([("type", "=", "reversal")])
        answer = self._ingest(self._reversal("s"), self._reversal(reversal.external_id))
        self.assertEqual(
            [row["code"] for row in answer["rejected"]], ["not_reversible"] * 2
        )

    def test_what_is_reversed_twice_is_a_duplicate(self):
        self._ingest(self._signup(), self._deposit(id="d"))
        answer = self._ingest(self._reversal("d"), self._reversal("d"))
        self.assertEqual(answer, {"accepted": 1, "duplicates": 1, "rejected": []})
        answer = self._ingest(self._reversal("d"))
        self.assertEqual(answer, {"accepted": 0, "duplicates": 1, "rejected": []})
        self.assertEqual(self._trader().deposit_total, 0)

    def test_the_log_shows_what_became_of_an_event(self):
        self._ingest(
            self._signup(),
            self._deposit(id="d"),
            self._deposit(id="e"),
            self._reversal("d"),
            self._correction("e", amount="1.00"),
        )
        events = self.env["veloc.trader.event"].search([("kind", "like", "deposit")])
        self.assertEqual(
            {event.external_id: event.amended for event in events},
            {"d": "reversed", "e": "corrected"},
        )
