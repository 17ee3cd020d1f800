from datetime import timedelta
from urllib.parse import urlencode

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.veloc_compliance.tests.common import NOON

from ..rules import twilio_events
from .common import ACCOUNT_SID, MessagingCase

LATER = NOON + timedelta(hours=13)


@tagged("post_install", "-at_install")
class TestVelocPoller(MessagingCase):
    def setUp(self):
        super().setUp()
        with freeze_time(NOON):
            self.message = self._queue()
            self.message._move("sending")
            self.message._move("accepted", provider_ref="SM1")
        self.startPatcher(freeze_time(LATER))

    def _poll(self, status, code=""):
        """Ask, with a provider that says this; return what it was asked."""
        asked = []

        def fetch(ref):
            asked.append(ref)
            form = {"MessageSid": ref, "MessageStatus": status, "ErrorCode": code}
            form["AccountSid"] = ACCOUNT_SID
            return status and twilio_events.parse(urlencode(form))

        with self.fake_provider() as provider:
            provider.fetch = fetch
            self.run_cron("veloc_messaging.ir_cron_poll")
        self.run_cron("veloc_messaging.ir_cron_fold")
        return asked

    def test_a_message_whose_reports_were_lost_gets_its_state(self):
        self.assertEqual(self._poll("delivered"), ["SM1"])

        self.assertEqual(self.message.state, "delivered")

    def test_a_failure_that_was_never_reported_is_learned(self):
        self._poll("undelivered", "30005")

        self.assertRecordValues(
            self.message, [{"state": "undelivered", "failure_class": "permanent"}]
        )

    def test_sent_may_be_the_last_there_is_to_know(self):
        self.assertEqual(self._poll("sent"), ["SM1"])
        self.assertEqual(self._poll("sent"), [])
        with freeze_time(LATER + timedelta(hours=13)):
            self.assertEqual(self._poll("sent"), ["SM1"])
        with freeze_time(LATER + timedelta(days=30)):
            self.assertEqual(self._poll("sent"), [])

        self.assertRecordValues(
            self.message, [{"state": "sent", "failure_class": False}]
        )

    def test_a_report_that_comes_after_all_is_a_copy(self):
        self._poll("delivered")
        form = {"MessageSid": "SM1", "MessageStatus": "delivered"}
        event = twilio_events.parse(urlencode(form))

        self.env["veloc.provider.event"]._store(self.account, [event])

        self.assertEqual(self.env["veloc.provider.event"].search_count([]), 1)

    def test_fresh_and_final_messages_are_left_alone(self):
        with freeze_time(NOON + timedelta(hours=11)):
            self.assertEqual(self._poll("delivered"), [])
        self.message._move("delivered")
        self.assertEqual(self._poll("delivered"), [])

    def test_a_provider_that_does_not_answer_changes_nothing(self):
        self._poll("")

        self.assertEqual(self.message.state, "accepted")
        self.assertFalse(self.env["veloc.provider.event"].search([]))

    def test_a_bug_of_one_adapter_costs_nobody_else_the_answer(self):
        with self.fake_provider():  # has no fetch at all
            self.run_cron("veloc_messaging.ir_cron_poll")

        self.assertRecordValues(
            self.message, [{"state": "accepted", "polled_at": LATER}]
        )
