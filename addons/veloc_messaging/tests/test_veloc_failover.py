from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.veloc_compliance.tests.common import NOON

from ..providers import base
from .common import MessagingCase

PHONE = "+5511961234567"
DOWN = base.Result(base.RETRY, "connect")
DENIED = base.Result(base.CONFIG, "20003", "Denied", whole_account=True)


@tagged("post_install", "-at_install")
class TestFailover(MessagingCase):
    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time(NOON))
        self.second = self._account("second-sms", "sms", sequence=5)

    def _run(self, *answers):
        with self.fake_provider() as provider:
            if answers:
                provider.answers[PHONE] = answers[0]
            self.run_dispatch_cron()
        return provider

    def _breaks(self):
        self.account._pause("20003 Denied")

    def test_messages_of_a_refused_account_go_over_another(self):
        message = self._queue()
        self._breaks()

        self._run()

        self.assertRecordValues(
            message,
            [
                {
                    "state": "accepted",
                    "account_id": self.second.id,
                    "moved_from_id": self.account.id,
                    "move_reason": "20003 Denied",
                }
            ],
        )

    def test_an_account_that_keeps_failing_is_relieved(self):
        self._queue()
        for turn in range(3):
            with freeze_time(NOON + timedelta(minutes=10 * turn)):
                self.account._rest([base.Result(base.IN_DOUBT, "read_timeout")], NOON)
                self.account.resume_at = NOON
        self.assertEqual(self.account.failures, 3)

        self.assertEqual(self.env["veloc.failover"]._move_on("bulk"), 1)

    def test_what_a_person_stopped_waits(self):
        message = self._queue()
        self.account.action_pause()

        self.assertFalse(self._run().sent)
        self.assertEqual(message.account_id, self.account)

    def test_nobody_stands_in_who_does_not_want_to(self):
        message = self._queue()
        self.second.stays_out = True
        self._breaks()

        self.assertFalse(self._run().sent)
        self.assertEqual(message.account_id, self.account)

    def test_an_account_of_another_company_never_stands_in(self):
        message = self._queue()
        self.account.company_id = self.env.company
        self.second.company_id = self.env["res.company"].create({"name": "Other"})
        self._breaks()

        self.assertFalse(self._run().sent)
        self.assertEqual(message.account_id, self.account)

    def test_a_message_moves_once_and_never_back(self):
        message = self._queue()
        self._breaks()
        self.env["veloc.failover"]._move_on("bulk")
        self.account.action_resume()
        self.second._pause("20003 Denied")

        self.assertFalse(self.env["veloc.failover"]._move_on("bulk"))
        self.assertEqual(message.account_id, self.second)

    def test_free_text_stays_with_its_number(self):
        broken = self.env["veloc.account"].search([("code", "=", "test-whatsapp")])
        self._account("second-whatsapp", "whatsapp", sequence=5)
        message = self._queue(channel="whatsapp")
        broken._pause("63018")

        self.assertFalse(self.env["veloc.failover"]._move_on("bulk"))
        self.env.cr.execute(
            "UPDATE veloc_message SET content_sid = 'HX1' WHERE id = %s", [message.id]
        )
        self.assertEqual(self.env["veloc.failover"]._move_on("bulk"), 1)

    # === AN HOUR OF OUTAGE === #

    def test_a_provider_that_is_down_for_an_hour_costs_few_calls_and_no_message(self):
        self.second.active = False
        message, calls = self._queue(), 0
        for minute in range(61):
            with freeze_time(NOON + timedelta(minutes=minute)):
                calls += len(self._run(DOWN).sent)

        self.assertEqual(message.state, "queued")
        self.assertLessEqual(calls, 6)
        with freeze_time(NOON + timedelta(hours=6)):
            self._run()
        self.assertEqual(message.state, "accepted")

    def test_rests_grow_and_end_with_the_first_success(self):
        self.second.active = False
        self._queue()
        for _turn in range(3):
            self.account.resume_at = False
            self.account._rest([DOWN], NOON)
        self.assertEqual(self.account.failures, 3)
        self.assertEqual(self.account.resume_at, NOON + timedelta(seconds=120))

        with freeze_time(NOON + timedelta(minutes=3)):
            self._run()

        self.assertEqual(self.account.failures, 0)

    def test_two_workers_that_see_the_same_trouble_count_it_once(self):
        self.account._rest([DOWN], NOON)
        self.account._rest([DOWN], NOON)

        self.assertEqual(self.account.failures, 1)

    def test_a_clock_that_jumps_back_does_not_keep_an_account_resting(self):
        message = self._queue()
        self.account.resume_at = NOON + timedelta(days=30)

        self._run()

        self.assertEqual(message.state, "accepted")
