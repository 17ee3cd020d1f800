import os
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from odoo.addons.veloc_compliance.tests.common import NOON

from .common import SECRET
from .delivery_case import DeliveryCase

LATER = NOON + timedelta(minutes=10)


@tagged("post_install", "-at_install")
class TestVelocDeliveryWatch(DeliveryCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.watch = cls.env["veloc.delivery.watch"]
        cls.alerts = cls.env["veloc.messaging.alert"]
        cls.limits = cls.env["veloc.delivery.limit"]
        cls.limits.search([("account_id", "!=", False)]).unlink()
        cls.failures = cls.env.ref("veloc_messaging.veloc_delivery_limit_failures")
        # Small numbers make the same point as large ones.
        cls.failures.write({"min_sample": 8, "share": 0.2})

    def setUp(self):
        super().setUp()
        patcher = patch.dict(os.environ, {"VELOC_SECRET_TEST_SMS": SECRET})
        self.startPatcher(patcher)

    def _look(self, at):
        with freeze_time(at):
            self.watch._watch(self.account, at)

    def _open(self, kind="failures"):
        return self.alerts.search(
            [
                ("kind", "=", kind),
                ("account_id", "=", self.account.id),
                ("closed_at", "=", False),
            ]
        )

    def test_too_many_failures_pause_the_account_and_tell_once(self):
        with freeze_time(NOON):
            self._sent(10, failed=8)
        self._look(NOON)
        self._look(NOON + timedelta(minutes=2))

        self.assertRecordValues(
            self._open(), [{"severity": "critical", "opened_at": NOON}]
        )
        self.assertRegex(self._open().detail, r"80\.0 % \w+ 10")
        self.assertEqual(self.account.state, "paused")
        self.assertIn("80.0 %", self.account.pause_reason)
        every = self.alerts.search_count([("account_id", "=", self.account.id)])
        self.assertEqual(every, 2, "the crossing and the pause, once each")

    def test_the_alert_is_written_in_the_language_of_the_house(self):
        self.env["res.lang"]._activate_lang("pt_BR")
        company = self.account.company_id or self.env.company
        company.partner_id.lang = "pt_BR"
        watch = type(self.watch)
        with freeze_time(NOON):
            self._sent(10, failed=8)
        spoken = []
        with patch.object(
            watch, "_detail", lambda self, *_: spoken.append(self.env.lang) or "?"
        ):
            self._look(NOON)
        self.assertEqual(spoken, ["pt_BR"])

    def test_a_small_sample_proves_nothing(self):
        with freeze_time(NOON):
            self._sent(7, failed=7)
        self._look(NOON)
        self.assertFalse(self._open())
        self.assertEqual(self.account.state, "active")

    def test_what_lies_before_the_window_does_not_count(self):
        with freeze_time(NOON):
            self._sent(10, failed=10)
        self._look(NOON + timedelta(minutes=36))
        self.assertFalse(self._open())

    def test_an_alert_closes_by_itself_and_the_account_stays_paused(self):
        with freeze_time(NOON):
            self._sent(10, failed=8)
        self._look(NOON)
        alert = self._open()

        end = NOON + timedelta(minutes=40)
        self._look(end)

        self.assertRecordValues(alert, [{"state": "closed", "closed_at": end}])
        self.assertEqual(self.account.state, "paused", "only a person resumes it")
        self.assertTrue(self._open("account_paused"))

    def test_a_resumed_account_is_not_paused_for_what_was_before(self):
        with freeze_time(NOON):
            self._sent(10, failed=8)
        self._look(NOON)
        with freeze_time(LATER):
            self.account.action_resume()
            self.assertFalse(self._open("account_paused"))
        self._look(LATER + timedelta(minutes=1))
        self.assertEqual(self.account.state, "active")

        again = LATER + timedelta(minutes=9)
        with freeze_time(again):
            self._sent(10, at=again, failed=8)
        self._look(again)
        self.assertEqual(self.account.state, "paused", "a new crossing counts")

    def test_an_account_has_thresholds_of_its_own(self):
        self.limits.create(
            {"measure": "failures", "account_id": self.account.id, "share": 0.9}
        )
        with freeze_time(NOON):
            self._sent(10, failed=8)
        self._look(NOON)
        self.assertEqual(self.account.state, "active")

    def test_the_channels_threshold_goes_before_the_houses(self):
        self.limits.create({"measure": "failures", "channel": "sms", "share": 0.9})
        chosen = dict(self.limits._for_accounts(self.account))
        self.assertTrue(chosen)
        limits = [limit for _a, limit in self.limits._for_accounts(self.account)]
        of_failures = [limit for limit in limits if limit.measure == "failures"]
        self.assertEqual([limit.channel for limit in of_failures], ["sms"])

    def test_slow_delivery_alerts(self):
        slow = self.env.ref("veloc_messaging.veloc_delivery_limit_slow_delivery")
        slow.min_sample = 5
        with freeze_time(NOON):
            self._sent(6, seconds=1200)
        self._look(NOON + timedelta(minutes=25))
        self.assertEqual(self._open("slow_delivery").severity, "warning")
        self.assertEqual(self.account.state, "active")

    def test_opt_outs_and_complaints_are_measured_against_what_was_sent(self):
        for name in ("opt_outs", "complaints"):
            limit = self.env.ref(f"veloc_messaging.veloc_delivery_limit_{name}")
            limit.write({"min_sample": 1, "share": 0.02})
        with freeze_time(NOON):
            self._sent(2)
            for kind in ("opt_out", "complaint"):
                self.env["veloc.delivery.objection"]._note(kind, "sms", [self.ana.id])
        self._look(NOON)
        self.assertTrue(self._open("opt_outs"))
        self.assertTrue(self._open("complaints"))
        self.assertEqual(self.account.state, "paused")

    def test_a_queue_that_does_not_move_alerts_until_it_does(self):
        with freeze_time(NOON):
            message = self._queue()
        self._look(NOON + timedelta(minutes=14))
        self.assertFalse(self._open("queue_stuck"))
        self._look(NOON + timedelta(minutes=16))
        self.assertTrue(self._open("queue_stuck"))

        message._move("sending")
        self._look(NOON + timedelta(minutes=17))
        self.assertFalse(self._open("queue_stuck"))

    def test_a_paused_or_slowed_account_is_not_stuck(self):
        with freeze_time(NOON):
            self._queue()
        late = NOON + timedelta(hours=2)
        self.account._slow_down(late + timedelta(minutes=1))
        self._look(late)
        self.assertFalse(self._open("queue_stuck"))
        self.account.resume_at = False
        self.account._pause("20003")
        self._look(late)
        self.assertFalse(self._open("queue_stuck"))

    def test_one_look_costs_the_same_for_many_accounts(self):
        accounts = self.account
        for number in range(4):
            accounts += self._account(f"more-{number}", "sms")
        with freeze_time(NOON):
            self._sent(2)
            self.watch._watch(accounts, NOON)  # fills the cache of labels
            self.env.invalidate_all()
            few = self._queries(accounts[:1])
            many = self._queries(accounts)
        # What is over is looked up per account; the counts are not.
        self.assertLessEqual(many - few, 5 * 4)

    def _queries(self, accounts):
        before = self.env.cr.sql_log_count
        self.watch._watch(accounts, NOON)
        return self.env.cr.sql_log_count - before

    def test_an_account_without_credentials_pauses_and_keeps_its_messages(self):
        del os.environ["VELOC_SECRET_TEST_SMS"]
        with freeze_time(NOON):
            message = self._queue()
            self.run_cron("veloc_messaging.ir_cron_delivery_watch")

        self.assertEqual(self.account.state, "paused")
        self.assertIn("VELOC_SECRET_TEST_SMS", self.account.pause_reason)
        self.assertTrue(self._open("no_credentials"))
        with freeze_time(NOON), self.fake_provider() as provider:
            self.run_dispatch_cron()
        self.assertFalse(provider.sent)
        self.assertEqual(message.state, "queued")

        with patch.dict(os.environ, {"VELOC_SECRET_TEST_SMS": SECRET}):
            self.account.action_resume()
            self.assertFalse(self._open("no_credentials"))
            with freeze_time(NOON), self.fake_provider() as provider:
                self.run_cron("veloc_messaging.ir_cron_delivery_watch")
                self.run_dispatch_cron()
        self.assertEqual(len(provider.sent), 1)

    def test_a_provider_met_without_credentials_keeps_the_message_as_well(self):
        del os.environ["VELOC_SECRET_TEST_SMS"]
        with freeze_time(NOON):
            message = self._queue()
            self.run_dispatch_cron()

        self.assertEqual(message.state, "queued")
        self.assertEqual(self.account.state, "paused")
        self.assertTrue(self._open("no_credentials"))

    def test_a_pause_by_hand_alarms_nobody(self):
        self.account.action_pause()
        self.assertFalse(self._open("account_paused"))

    def test_only_managers_set_thresholds(self):
        user, manager = (
            new_test_user(self.env, name, groups=f"veloc_messaging.group_{name}")
            for name in ("user", "manager")
        )
        with self.assertRaises(AccessError):
            self.failures.with_user(user).share = 0.5
        self.failures.with_user(manager).share = 0.5
        with self.assertRaises(AccessError):
            self.account.with_user(manager).resumed_at = NOON

    def test_a_stuck_queue_is_not_mended_by_pausing(self):
        with self.assertRaises(ValidationError):
            self.env.ref(
                "veloc_messaging.veloc_delivery_limit_queue_stuck"
            ).action = "pause"
