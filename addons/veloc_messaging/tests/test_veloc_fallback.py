from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.veloc_compliance.tests.common import NOON

from ..providers import base
from .common import MessagingCase

PHONE = "+5511961234567"


@tagged("post_install", "-at_install")
class TestFallback(MessagingCase):
    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time(NOON))
        for channel in ("whatsapp", "sms", "email"):
            self._grant(self.ana, "marketing", channel)
        self.template.fallback_channels = "sms,email"

    def _run(self, answer=None):
        with self.fake_provider() as provider:
            if answer:
                provider.answers[PHONE] = answer
            self.run_dispatch_cron()
        return provider

    def _stand_ins(self, message):
        return message.search([("fallback_of_id", "=", message.id)])

    def test_free_text_outside_the_window_falls_back_and_says_why(self):
        message = self._queue(channel="whatsapp")

        self._run()

        self.assertRecordValues(
            message,
            [
                {
                    "state": "blocked",
                    "failure_class": "window",
                    "failure_code": "window_closed",
                }
            ],
        )
        self.assertRecordValues(
            self._stand_ins(message),
            [
                {
                    "channel": "sms",
                    "key": f"{message.key}/fb:sms",
                    "fallback_reason": "window: window_closed",
                    "state": "accepted",
                }
            ],
        )

    def test_a_bad_number_is_followed_by_the_next_channel(self):
        message = self._queue()

        self._run(base.Result(base.PERMANENT, "21614"))

        self.assertEqual(self._stand_ins(message).channel, "email")

    def test_after_the_last_channel_nothing_is_tried_again(self):
        message = self._queue()
        self._run(base.Result(base.PERMANENT, "21614"))
        stand_in = self._stand_ins(message)
        stand_in._move("cancelled")
        stand_in.flush_recordset()
        self.env.cr.execute(
            "UPDATE veloc_message SET state = 'failed', failure_class = 'permanent' "
            "WHERE id = %s",
            [stand_in.id],
        )
        stand_in.invalidate_recordset()

        self.assertFalse(self.env["veloc.fallback"]._offer(stand_in))

    def test_the_gate_is_asked_anew(self):
        self._revoke_channel("sms")
        message = self._queue(channel="whatsapp")

        self._run()

        self.assertEqual(self._stand_ins(message).channel, "email")

    def _revoke_channel(self, channel):
        self.env["veloc.consent"]._revoke_channel([self.ana.id], channel, "test", "")

    def test_two_workers_that_report_the_same_end_queue_one_message(self):
        message = self._queue(channel="whatsapp")
        self._run()

        again = self.env["veloc.fallback"]._offer(message)

        self.assertFalse(again)
        self.assertEqual(len(self._stand_ins(message)), 1)

    def test_a_recipient_who_blocked_us_is_left_in_peace(self):
        message = self._queue()

        self._run(base.Result(base.SUPPRESS, "21610"))

        self.assertFalse(self._stand_ins(message))

    def test_without_a_list_there_is_no_fallback(self):
        self.template.fallback_channels = False
        message = self._queue()

        self._run(base.Result(base.PERMANENT, "21614"))

        self.assertFalse(self._stand_ins(message))

    def test_a_channel_that_does_not_exist_is_refused(self):
        with self.assertRaises(ValidationError):
            self.template.fallback_channels = "sms,pigeon"

    # === SENT AGAIN === #

    def _given_up(self, **values):
        message = self._queue(**values)
        self._run()
        self.first_reference = message.reference
        message._move("undelivered", failure_class="retry", failure_code="30003")
        self.env["veloc.fallback"]._offer(message)
        return message

    def test_what_the_provider_gave_up_is_sent_again_hours_later(self):
        message = self._given_up()
        first = self.first_reference

        self.assertRecordValues(
            message,
            [{"state": "queued", "resends": 1, "provider_ref": False, "attempts": 0}],
        )
        self.assertEqual(message.next_attempt_at, NOON + timedelta(hours=1))
        self.assertFalse(self._stand_ins(message))
        with freeze_time(NOON + timedelta(hours=1)):
            (sent,) = self._run().sent
        self.assertEqual(sent.to, PHONE)
        self.assertEqual(message.state, "accepted")
        self.assertNotIn(first, (sent.reference, message.reference))

    def test_it_is_not_sent_again_when_it_would_be_of_no_use(self):
        message = self._given_up(useful_until=NOON + timedelta(minutes=30))

        self.assertEqual(message.state, "undelivered")
        self.assertEqual(self._stand_ins(message).channel, "email")

    def test_in_the_end_another_channel_is_tried(self):
        message = self._given_up()
        message.resends = 3
        message._move("sending")
        message._move("accepted", provider_ref="SM9")
        message._move("undelivered", failure_class="retry", failure_code="30003")

        self.env["veloc.fallback"]._offer(message)

        self.assertEqual(message.state, "undelivered")
        self.assertEqual(self._stand_ins(message).channel, "email")
