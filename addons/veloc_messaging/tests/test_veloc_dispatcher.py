from contextlib import suppress
from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.veloc_compliance.tests.common import NOON

from ..providers import base, pool
from .common import MessagingCase

PHONE = "+5511961234567"


@tagged("post_install", "-at_install")
class TestDispatcher(MessagingCase):
    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time(NOON))

    def _run(self, answer=None, name="veloc_messaging.ir_cron_dispatch_bulk_1"):
        """Run the job with a provider that answers so; return the provider."""
        with self.fake_provider() as provider:
            if answer:
                provider.answers[PHONE] = answer
            self.run_dispatch_cron(name)
        return provider

    # === SENDING === #

    def test_a_queued_message_is_handed_over_once(self):
        message = self._queue()

        provider = self._run()
        again = self._run()

        self.assertEqual([m.to for m in provider.sent], [PHONE])
        self.assertFalse(again.sent)
        self.assertRecordValues(
            message,
            [
                {
                    "state": "accepted",
                    "attempts": 1,
                    "provider_ref": f"SM{message.reference}",
                    "lease_until": False,
                    "sending_at": NOON,
                    "accepted_at": NOON,
                }
            ],
        )

    def test_the_provider_is_told_where_to_report(self):
        message = self._queue()

        (sent,) = self._run().sent

        self.assertEqual(
            sent.status_callback,
            "https://veloc.example.com/veloc/webhook/twilio/test-sms/"
            + message.reference,
        )

    def test_each_lane_has_its_own_jobs(self):
        message = self._queue(template=self.urgent)

        self.assertFalse(self._run().sent)
        self.assertTrue(self._run(name="veloc_messaging.ir_cron_dispatch_urgent").sent)
        self.assertEqual(message.state, "accepted")

    def test_two_jobs_share_the_bulk_lane(self):
        message = self._queue()

        self._run(name="veloc_messaging.ir_cron_dispatch_bulk_2")

        self.assertEqual(message.state, "accepted")

    def test_a_message_waits_for_its_time(self):
        message = self._queue(not_before=NOON + timedelta(minutes=5))

        self.assertFalse(self._run().sent)
        with freeze_time(NOON + timedelta(minutes=5)):
            self.assertTrue(self._run().sent)
        self.assertEqual(message.state, "accepted")

    def test_a_call_does_not_begin_when_the_lease_is_half_over(self):
        self.env["ir.config_parameter"].set_param("veloc_messaging.lease", "20")
        before = pool.clock()
        self._queue()

        _taken, ((row, _account, _outgoing),) = self.env["veloc.dispatcher"]._claim(
            "bulk"
        )

        self.assertGreaterEqual(row["start_by"], before + 10)
        self.assertLess(row["start_by"], pool.clock() + 10)

    def test_an_answer_after_the_lease_leaves_the_repeated_send_alone(self):
        message = self._queue()
        dispatcher = self.env["veloc.dispatcher"]
        _taken, first = dispatcher._claim("bulk")
        rows = {row["id"]: row for row, _account, _out in first}
        with freeze_time(NOON + timedelta(minutes=10)):
            message._move("in_doubt")
            message._move("queued", next_attempt_at=NOON)
            dispatcher._claim("bulk")
            with self.assertLogs("odoo.addons.veloc_messaging", "ERROR"):
                dispatcher._write_answers(
                    [(message.id, base.Result(base.RETRY, "connect"))], rows
                )

        self.assertEqual(message.state, "sending")

    def test_an_answer_with_odd_characters_is_written_down(self):
        odd = base.Result(base.PERMANENT, "1\x00", "no \ud800 such\x00 number")
        message = self._queue()

        self._run(odd)

        self.assertRecordValues(
            message, [{"state": "failed", "failure_detail": "no  such number"}]
        )

    # === ASKED AGAIN === #

    def test_a_revocation_after_queueing_stops_the_message(self):
        message = self._queue()
        self._grant(self.ana, granted=False)

        self.assertFalse(self._run().sent)
        self.assertRecordValues(
            message, [{"state": "blocked", "failure_code": "consent_revoked"}]
        )

    def test_self_exclusion_after_queueing_stops_the_message(self):
        message = self._queue()
        self.env["veloc.suppression"]._impose([self.ana.id], "self_exclusion")

        self.assertFalse(self._run().sent)
        self.assertRecordValues(
            message, [{"state": "blocked", "failure_code": "self_exclusion"}]
        )

    def test_a_person_who_excluded_themselves_still_gets_service_messages(self):
        message = self._queue(template=self.urgent)
        self.env["veloc.suppression"]._impose([self.ana.id], "self_exclusion")

        self._run(name="veloc_messaging.ir_cron_dispatch_urgent")

        self.assertEqual(message.state, "accepted")

    def test_outside_the_hours_the_message_waits_until_they_begin(self):
        message = self._queue()

        with freeze_time(NOON + timedelta(hours=11)):  # 23:00 in São Paulo
            self.assertFalse(self._run().sent)

        self.assertRecordValues(message, [{"state": "queued", "attempts": 0}])
        self.assertEqual(message.next_attempt_at, NOON + timedelta(hours=21))

    def test_what_would_come_too_late_expires(self):
        message = self._queue(useful_until=NOON + timedelta(minutes=1))

        with freeze_time(NOON + timedelta(minutes=2)):
            self.assertFalse(self._run().sent)

        self.assertRecordValues(
            message, [{"state": "expired", "failure_code": "too_late"}]
        )

    def test_what_would_have_to_wait_beyond_its_use_expires(self):
        message = self._queue(useful_until=NOON + timedelta(hours=12))

        with freeze_time(NOON + timedelta(hours=11)):
            self._run()

        self.assertEqual(message.state, "expired")

    # === ANSWERS === #

    def test_what_never_left_is_tried_again_later(self):
        message = self._queue()

        self._run(base.Result(base.RETRY, "connect"))

        self.assertRecordValues(
            message,
            [{"state": "queued", "attempts": 1, "failure_code": "connect"}],
        )
        self.assertGreater(message.next_attempt_at, NOON)

    def test_a_bad_number_ends_the_message(self):
        message = self._queue()

        self._run(base.Result(base.PERMANENT, "21211"))

        self.assertRecordValues(
            message, [{"state": "failed", "failure_class": "permanent"}]
        )

    def test_a_lost_answer_leaves_the_message_in_doubt(self):
        message = self._queue()

        self._run(base.Result(base.IN_DOUBT, "read_timeout"))
        self.assertFalse(self._run().sent)

        self.assertRecordValues(
            message, [{"state": "in_doubt", "failure_code": "read_timeout"}]
        )

    def test_a_bug_of_the_adapter_leaves_the_others_alone(self):
        message, other = self._queue(), self._queue(self.rui)

        with self.assertLogs("odoo.addons.veloc_messaging.providers.pool", "ERROR"):
            self._run(RuntimeError("bug"))

        self.assertEqual([message.state, other.state], ["in_doubt", "accepted"])

    def test_a_worker_that_dies_after_the_call_never_sends_twice(self):
        class Killed(BaseException):
            """Passes every ``except Exception``, as a dying process does."""

        message = self._queue()
        with (
            # assertRaises would take back what was committed.
            suppress(Killed),
            self.enter_registry_test_mode(),
            self.fake_provider() as provider,
        ):
            provider.answers[PHONE] = Killed()
            self.env.ref(
                "veloc_messaging.ir_cron_dispatch_bulk_1"
            ).method_direct_trigger()

        self.assertEqual(len(provider.sent), 1)
        self.assertFalse(self._run().sent)
        self.assertEqual(message.state, "sending")

        later = NOON + timedelta(minutes=10)
        with freeze_time(later), self.fake_provider() as provider:
            found = base.Sighting("SM7", "delivered")
            provider.sightings[PHONE] = base.Search((found,), complete=True)
            self.run_cron("veloc_messaging.ir_cron_settle")
            self.run_dispatch_cron()
        self.assertFalse(provider.sent)
        self.assertRecordValues(
            message, [{"state": "delivered", "provider_ref": "SM7", "attempts": 1}]
        )

    def test_bad_credentials_pause_the_account_and_keep_its_messages(self):
        messages = self._queue() + self._queue(self.rui)

        refused = base.Result(base.CONFIG, "20003", "Denied", whole_account=True)
        with self.fake_provider() as provider:
            provider.answers = dict.fromkeys(messages.mapped("address"), refused)
            self.run_dispatch_cron()

        self.assertRecordValues(messages, [{"state": "queued", "attempts": 0}] * 2)
        self.assertRecordValues(
            self.account, [{"state": "paused", "pause_reason": "20003 Denied"}]
        )

        with freeze_time(NOON + timedelta(hours=1)):
            self.assertFalse(self._run().sent)
            self.account.action_resume()
            self._run()
        self.assertEqual(set(messages.mapped("state")), {"accepted"})

    def test_a_country_we_may_not_send_to_does_not_stop_the_account(self):
        message = self._queue()

        self._run(base.Result(base.CONFIG, "21408"))

        self.assertRecordValues(
            message, [{"state": "failed", "failure_class": "config"}]
        )
        self.assertEqual(self.account.state, "active")

    def test_an_account_asked_to_slow_down_rests(self):
        message = self._queue()

        self._run(base.Result(base.SLOW, "20429", retry_after=40))

        self.assertEqual(message.state, "queued")
        self.assertEqual(self.account.resume_at, NOON + timedelta(seconds=40))
        other = self._queue(self.rui)
        self.assertFalse(self._run().sent)
        with freeze_time(NOON + timedelta(minutes=5)):
            self.assertEqual(len(self._run().sent), 2)
        self.assertEqual([message.state, other.state], ["accepted", "accepted"])

    def test_a_recipient_who_blocked_us_is_not_written_to_again(self):
        message = self._queue()

        self._run(base.Result(base.SUPPRESS, "21610"))

        self.assertEqual(message.state, "failed")
        self.assertEqual(self._ask(self.ana).reason, "channel_blocked")

    def test_the_queries_for_the_answers_do_not_grow_with_the_group(self):
        people = self.env["res.partner"].create(
            [
                self._prepare_person(
                    f"Q{n}", f"q{n}@example.com", f"+55 11 97123-45{n:02}"
                )
                for n in range(12)
            ]
        )
        for person in people:
            self._queue(person)
        dispatcher = self.env["veloc.dispatcher"]
        _taken, batch = dispatcher._claim("bulk")
        rows = {row["id"]: row for row, _account, _outgoing in batch}
        kinds = [base.ACCEPTED, base.RETRY, base.PERMANENT]
        answers = [
            (key, base.Result(kinds[n % 3], provider_ref=f"SM{n}"))
            for n, key in enumerate(rows)
        ]
        counts = []
        # The first one also fills the caches of settings.
        for group in (answers[:3], answers[3:6], answers[6:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            dispatcher._write_answers(group, rows)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(len(rows), 12)
        self.assertEqual(counts[1], counts[2])
        # The lock, one per new state, who falls back, whose conversation it is, the
        # segments that ask what became of messages.
        self.assertLessEqual(counts[1], 7)

    def test_the_queries_do_not_grow_with_the_batch(self):
        counts = []
        for size in (1, 9):
            people = self.env["res.partner"].create(
                [
                    self._prepare_person(
                        f"P{n}",
                        f"p{size}{n}@example.com",
                        f"+55 11 9612{size}-45{n:02}",
                    )
                    for n in range(size)
                ]
            )
            for person in people:
                self._queue(person)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            taken, batch = self.env["veloc.dispatcher"]._claim("bulk")
            counts.append(self.cr.sql_log_count - before)
            self.assertEqual((taken, len(batch)), (size, size))
        self.assertLessEqual(counts[1], counts[0])
