import time
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.veloc_compliance.tests.common import NOON

from ..models import veloc_settler
from ..providers import base, pool
from ..rules.steady_clock import SteadyClock
from .common import MessagingCase

CRON = "veloc_messaging.ir_cron_settle"
FOUND = base.Sighting("SM7", "sent")


@tagged("post_install", "-at_install")
class TestVelocSettler(MessagingCase):
    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time(NOON))

    def _lost(self, partner=None, **values):
        """Return a message that a worker took and never brought back."""
        message = self._queue(partner, **values)
        message._move(
            "sending", attempts=1, lease_until=NOON + timedelta(minutes=2), at=NOON
        )
        return message

    def _run(self, minutes, *sightings, complete=True):
        """Run the job so much later; return the provider that was asked."""
        with (
            freeze_time(NOON + timedelta(minutes=minutes)),
            self.fake_provider() as provider,
        ):
            search = base.Search(sightings, complete, "" if complete else "http_500")
            provider.sightings = dict.fromkeys(
                ("+5511961234567", "+5521961234567"), search
            )
            self.run_cron(CRON)
        return provider

    def test_while_the_lease_runs_nobody_touches_the_message(self):
        message = self._lost()

        self._run(1)

        self.assertEqual(message.state, "sending")

    def test_when_the_lease_is_over_the_message_is_in_doubt(self):
        self.env["ir.config_parameter"].set_param(
            "veloc_messaging.in_doubt_grace", "3600"
        )
        message = self._lost()

        provider = self._run(5)

        self.assertRecordValues(
            message,
            [{"state": "in_doubt", "failure_code": "lost", "lease_until": False}],
        )
        self.assertFalse(provider.lookups)  # first the callback may tell

    def test_what_the_provider_has_is_adopted(self):
        message = self._lost()

        self._run(5, FOUND)

        self.assertRecordValues(
            message,
            [{"state": "sent", "provider_ref": "SM7", "failure_code": False}],
        )

    def test_what_is_adopted_as_undelivered_says_so(self):
        message = self._lost()

        self._run(5, base.Sighting("SM7", "undelivered"))

        self.assertRecordValues(
            message,
            [
                {
                    "state": "undelivered",
                    "failure_class": "retry",
                    "failure_code": "undelivered",
                }
            ],
        )

    def test_what_the_provider_never_saw_is_queued_again(self):
        message = self._lost()

        self._run(5)

        self.assertRecordValues(
            message,
            [{"state": "queued", "attempts": 1, "failure_code": "never_left"}],
        )
        with (
            freeze_time(NOON + timedelta(minutes=15)),
            self.fake_provider() as provider,
        ):
            self.run_dispatch_cron()
        self.assertEqual(len(provider.sent), 1)

    def test_what_the_provider_never_saw_and_is_late_expires(self):
        message = self._lost(useful_until=NOON + timedelta(minutes=4))

        self._run(5)

        self.assertEqual(message.state, "expired")

    def test_a_failed_look_up_proves_nothing_and_is_repeated(self):
        message = self._lost()

        self._run(5, complete=False)
        self.assertRecordValues(
            message, [{"state": "in_doubt", "failure_detail": "http_500"}]
        )
        self.assertFalse(self._run(6, FOUND).lookups)
        self._run(20, FOUND)

        self.assertEqual(message.state, "sent")

    def test_an_ambiguous_finding_waits_for_a_person(self):
        message = self._lost()

        self._run(5, FOUND, base.Sighting("SM8", "sent"))

        self.assertRecordValues(
            message, [{"state": "in_doubt", "failure_detail": "ambiguous"}]
        )

    def test_what_belongs_to_another_message_is_not_adopted(self):
        other = self._queue(key="other")
        other._move("sending")
        other._move("accepted", provider_ref="SM7")
        message = self._lost()

        self._run(5, FOUND)

        self.assertEqual(message.state, "queued")
        self.assertEqual(other.state, "accepted")

    def test_e_mails_are_not_looked_up(self):
        message = self._lost(channel="email")

        provider = self._run(5)

        self.assertEqual(message.state, "in_doubt")
        self.assertFalse(provider.lookups)

    def test_a_bug_of_the_adapter_proves_nothing(self):
        message = self._lost()
        with (
            freeze_time(NOON + timedelta(minutes=5)),
            self.fake_provider() as provider,
        ):
            provider.find = None
            self.run_cron(CRON)

        self.assertRecordValues(
            message, [{"state": "in_doubt", "failure_detail": "TypeError"}]
        )

    def test_the_queries_do_not_grow_with_the_messages(self):
        counts = []
        settler = self.env["veloc.settler"]
        for size in (1, 8):
            messages = self.env["veloc.message"].browse()
            for n in range(size):
                messages += self._lost(key=f"k{size}.{n}")
            messages._move("in_doubt")
            with self.fake_provider():
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                settler._settle(messages)
                counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    # === CLOCKS THAT JUMP === #

    def test_what_a_living_pass_sends_is_not_taken_from_it(self):
        message = self._queue()
        dispatcher = self.env["veloc.dispatcher"]
        with dispatcher._owning() as owner:
            _taken, batch = dispatcher._claim("bulk", owner=owner)
            # Its call is still in the air when the clock says an hour has gone.
            provider = self._run(60)
            self.assertEqual(message.state, "sending")
            self.assertFalse(provider.lookups)
        self.assertEqual([row["id"] for row, _account, _out in batch], message.ids)

        # The pass has died: nobody else will bring it back.
        self._run(60, FOUND)

        self.assertEqual(message.state, "sent")

    def test_a_pass_takes_its_lock_along_when_it_fails(self):
        dispatcher = self.env["veloc.dispatcher"]
        locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = "
        with self.assertRaises(ZeroDivisionError), dispatcher._owning() as owner:
            self.cr.execute(locks + str(owner))
            self.assertEqual(self.cr.fetchone(), (1,))
            raise ZeroDivisionError
        self.cr.execute(locks + str(owner))
        self.assertEqual(self.cr.fetchone(), (0,))

    def test_the_pass_writes_its_number_on_what_it_sends(self):
        message = self._queue()
        with self.fake_provider():
            self.run_dispatch_cron()

        self.assertGreater(message.owner, 0)

    def test_an_hour_that_only_the_wall_clock_saw_is_no_proof(self):
        lost = self._lost()
        doubtful = self._lost(key="doubtful")
        doubtful._move("in_doubt")
        began = pool.clock()
        clock = SteadyClock(time.time(), began - 10_000)
        with (
            patch.object(veloc_settler, "_clock", clock),
            patch.object(
                veloc_settler.VelocSettler, "_steady_for", self._real_steady_for()
            ),
        ):
            provider = self._run(60)
            self.assertEqual(lost.state, "sending")
            self.assertEqual(doubtful.state, "in_doubt")
            self.assertFalse(provider.lookups)
            # A person's look finds nothing: that proves nothing either.
            with freeze_time(NOON + timedelta(minutes=60)), self.fake_provider():
                self.env["veloc.settler"]._settle(doubtful)
            self.assertEqual(doubtful.state, "in_doubt")

            # Now the time of the lease has really gone by.
            with (
                patch.object(pool, "clock", lambda: began + 180),
                freeze_time(NOON + timedelta(minutes=63)),
            ):
                self._run(63)
            self.assertEqual((lost + doubtful).mapped("state"), ["queued", "queued"])

    def _real_steady_for(self):
        return lambda _settler: veloc_settler._clock.steady_for(
            time.time(), pool.clock()
        )
