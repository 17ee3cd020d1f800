from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import new_test_user, tagged

from odoo.addons.veloc_compliance.tests.common import NOON

from ..rules import delivery
from .delivery_case import DeliveryCase


@tagged("post_install", "-at_install")
class TestVelocDeliveryStat(DeliveryCase):
    def _stored(self):
        """Return {(measure, reason): count} that were added up."""
        self.env.invalidate_all()
        return {
            (stat.measure, stat.reason or ""): stat.count
            for stat in self.stat.search([("count", "!=", 0)])
        }

    def test_a_message_counts_where_it_got_to(self):
        with freeze_time(NOON):
            self._sent(3, failed=1)
            self.stat._fold()

        self.assertEqual(
            self._stored(),
            {
                ("queued", ""): 3,
                ("accepted", ""): 2,
                ("delivered", ""): 2,
                ("latency", ""): 2,
                ("failed", "permanent"): 1,
                ("rejected", ""): 1,
            },
        )
        latency = self.stat.search([("measure", "=", "latency")])
        self.assertEqual(latency.step, delivery.step_of(10))
        self.assertEqual(latency.bucket, NOON)
        self.assertEqual(latency.account_id, self.account)

    def test_the_database_knows_the_same_steps_as_the_rule(self):
        for seconds in (0, 1, 2, 7, 60, 61, 599, 3600, 200_000):
            self.env.cr.execute(
                "SELECT step FROM veloc_delivery_facts('delivered', NULL, NULL, %s, "
                "NULL, NULL, %s, NULL, NULL, NULL) WHERE measure = 'latency'",
                [NOON, NOON + timedelta(seconds=seconds)],
            )
            with self.subTest(seconds=seconds):
                self.assertEqual(self.env.cr.fetchone()[0], delivery.step_of(seconds))

    def test_what_moves_on_is_counted_where_it_is_and_no_more_where_it_was(self):
        with freeze_time(NOON):
            message = self._sent(1, failed=1)
            self.stat._fold()
            message._move("queued", each={message.id: {"reference": "again"}})
            message._move("sending", at=NOON)
            message._move("delivered", at=NOON + timedelta(seconds=3))
            self.stat._fold()

        stored = self._stored()
        self.assertNotIn(("failed", "permanent"), stored)
        self.assertEqual(stored["delivered", ""], 1)
        self.assertEqual(stored["accepted", ""], 1)
        self.assertEqual(stored["queued", ""], 1)

    def test_the_screen_is_exact_before_anything_was_added_up(self):
        with freeze_time(NOON):
            self._sent(2, failed=1)
            before = self._sums()
            self.stat._fold()

        self.assertEqual(before["failed"], 1)
        self.assertEqual(self._sums(), before)

    def test_adding_up_twice_changes_nothing(self):
        with freeze_time(NOON):
            self._sent(2)
            self.assertTrue(self.stat._fold())
            stored = self._stored()
            self.assertEqual(self.stat._fold(), 0)

        self.assertEqual(self._stored(), stored)

    def test_the_cost_of_adding_up_does_not_grow_with_the_messages(self):
        for count in (1, 12):
            with freeze_time(NOON):
                self._sent(count, at=NOON + timedelta(minutes=count))
                with self.subTest(count=count), self.assertQueryCount(1):
                    self.stat._fold()

    def test_one_statement_that_moves_many_writes_few_changes(self):
        with freeze_time(NOON):
            messages = self._sent(6)
        self._forget()

        messages._move("read", at=NOON + timedelta(minutes=1))

        self.env.cr.execute("SELECT measure, count FROM veloc_delivery_delta")
        self.assertEqual(self.env.cr.fetchall(), [("read", 6)])

    def test_lost_and_false_counts_repair_themselves(self):
        with freeze_time(NOON):
            self._sent(3, failed=1)
            self.stat._fold()
            truth = self._sums()
            self.assertEqual(self.stat._repair(NOON - timedelta(days=2)), 0)
            self.env.cr.execute("UPDATE veloc_delivery_stat SET count = count + 7")
            self.env.cr.execute(
                "DELETE FROM veloc_delivery_stat WHERE measure = 'failed'"
            )
            with self.assertLogs("odoo.addons.veloc_messaging", "WARNING"):
                self.run_cron("veloc_messaging.ir_cron_delivery_tidy")

            self.assertEqual(self._sums(), truth)
            self.assertEqual(self.stat._repair(NOON - timedelta(days=2)), 0)

    def test_older_counts_are_kept_by_the_hour(self):
        moments = [NOON + timedelta(minutes=m) for m in (0, 20, 40)]
        with freeze_time(NOON + timedelta(hours=1)):
            for at in moments:
                self._sent(1, at=at)
            self.stat._fold()
        counts = self._sums()
        self.assertEqual(self.stat.search_count([("measure", "=", "queued")]), 3)

        with freeze_time(NOON + timedelta(days=5)):
            self.run_cron("veloc_messaging.ir_cron_delivery_tidy")

        queued = self.stat.search([("measure", "=", "queued")])
        self.assertRecordValues(queued, [{"bucket": NOON, "count": 3}])
        self.assertEqual(self._sums(), counts)

    def test_the_cron_adds_up(self):
        with freeze_time(NOON):
            self._sent(1)
            self.run_cron("veloc_messaging.ir_cron_delivery_fold")
        self.assertEqual(self._stored()["queued", ""], 1)

    def test_an_opt_out_counts_once_a_day_for_who_wrote_last(self):
        with freeze_time(NOON):
            self._sent(1)
            for _again in range(2):
                self.env["veloc.suppression"]._impose(
                    [self.ana.id, self.rui.id], "opt_out", channel="sms", source="t"
                )
            self.env["veloc.consent"]._revoke_channel([self.ana.id], "sms", "test")
            self.stat._fold()

        self.assertEqual(self._stored()["opt_out", ""], 1)
        objection = self.env["veloc.delivery.objection"].search(
            [("partner_id", "in", (self.ana + self.rui).ids)]
        )
        self.assertRecordValues(
            objection,
            [{"partner_id": self.ana.id, "account_id": self.account.id}],
        )

    def test_a_complaint_is_another_count(self):
        with freeze_time(NOON):
            self._sent(1)
            for kind in ("complaint", "opt_out"):
                self.env["veloc.delivery.objection"]._note(kind, "sms", [self.ana.id])
            self.stat._fold()

        stored = self._stored()
        self.assertEqual((stored["complaint", ""], stored["opt_out", ""]), (1, 1))

    def test_companies_see_their_own_counts(self):
        ours, theirs = self.env["res.company"].create([{"name": "A"}, {"name": "B"}])
        users = {
            company: new_test_user(
                self.env,
                f"stat_{company.name}",
                groups="veloc_messaging.group_user",
                company_id=company.id,
                company_ids=[(6, 0, company.ids)],
            )
            for company in (ours, theirs)
        }
        self._grant(self.ana)
        outbox = self.env["veloc.outbox"].with_company(ours)
        with freeze_time(NOON):
            outbox._enqueue([self._draft(key=key) for key in "ab"], NOON)
            self.stat._fold()

        board = self.env["veloc.delivery.board"]
        for company, user in users.items():
            with self.subTest(company=company.name), freeze_time(NOON):
                found = self.stat.with_user(user).search([("measure", "=", "queued")])
                shown = board.with_user(user).load(24)
                sums = sum(a["sums"].get("queued", 0) for a in shown["accounts"])
                self.assertEqual(sum(found.mapped("count")), 2 * (company == ours))
                self.assertEqual(sums, 2 * (company == ours))
                self.assertEqual(bool(shown["curve"]["labels"]), company == ours)
