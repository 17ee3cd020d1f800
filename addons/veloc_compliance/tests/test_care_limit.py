"""Part 6, a person's own limits: lower at once, higher after a wait."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .care_case import CareCase


@tagged("post_install", "-at_install")
class TestCareLimit(CareCase):
    def _limit(self, value, partner=None, kind="deposit"):
        return self.limits._set_limit(
            partner or self.ana, kind, "month", value, source="test"
        )

    def _in_force(self):
        rows = self.limits.search(
            [("partner_id", "=", self.ana.id), ("state", "=", "active")]
        )
        return rows.amount if rows else None

    def test_a_lower_limit_holds_at_once(self):
        for value in (500, 200):
            self._limit(value)
            self.assertEqual(self._in_force(), value)

    def test_a_higher_limit_or_none_waits_a_day(self):
        self._limit(200)
        for value in (900, None):
            with self.subTest(value=value):
                self.assertEqual(self._limit(value).state, "waiting")
                self.assertEqual(self._in_force(), 200)
        with freeze_time(self._later(hours=25)):
            self._run_cron("veloc_compliance.ir_cron_care_due")
            self.assertIsNone(self._in_force())

    def test_a_raise_can_be_taken_back_while_it_waits(self):
        self._limit(200)
        raised = self._limit(900)
        raised.with_user(self.first).action_cancel()
        with freeze_time(self._later(days=8)):
            self._run_cron("veloc_compliance.ir_cron_care_due")
            self.assertEqual(self._in_force(), 200)

    def test_tightening_overtakes_a_raise_that_waits(self):
        self._limit(200)
        raised = self._limit(900)
        self._limit(100)
        self.assertEqual(raised.state, "cancelled")
        self.assertEqual(self._in_force(), 100)

    def test_the_house_cannot_set_the_wait_to_nothing(self):
        self.env["ir.config_parameter"].set_param(
            "veloc_compliance.limit_raise_hours", "0"
        )
        self._limit(200)
        self.assertGreaterEqual(
            self._limit(900).effective_at, self._later(hours=24, seconds=-5)
        )

    def test_programs_set_limits_and_bad_ones_are_refused(self):
        item = {
            "partner_id": self.ana.id,
            "kind": "loss",
            "period": "week",
            "amount": "150.00",
            "currency": "BRL",
        }
        (answer,) = self.limits.with_user(self.first).set_limits([item])
        self.assertEqual(answer["state"], "active")
        for wrong in (
            {"kind": "luck"},
            {"period": "year"},
            {"amount": "-1"},
            {"amount": "many"},
            {"currency": "XXY"},
            {"partner_id": 0},
        ):
            with self.subTest(wrong=wrong), self.assertRaises(UserError):
                self.limits.with_user(self.first).set_limits([item | wrong])
        with self.assertRaises(AccessError):
            self.limits.with_user(self.clerk).set_limits([item])

    def test_a_limit_of_time_is_in_minutes(self):
        self.assertEqual(self._limit(90, kind="time").shown, "90 minutes")

    def test_many_limits_cost_what_two_cost(self):
        people = self.env["res.partner"].create([{"name": f"{n}"} for n in range(30)])
        counts = []
        for group in (people[:1], people[1:3], people[3:]):
            wishes = [
                {"partner_id": id_, "kind": "loss", "period": "day", "value": 10}
                for id_ in group.ids
            ]
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.limits._set_many(wishes)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
