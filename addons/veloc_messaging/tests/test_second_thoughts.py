from datetime import timedelta
from urllib.parse import urlencode

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.veloc_compliance.tests.common import NOON

from ..providers import base
from ..rules import provider_event, twilio_events
from .common import ACCOUNT_SID, MessagingCase

FOLD = "veloc_messaging.ir_cron_fold"
STRANGER = "+5585991234567"
PHONE = "+5511961234567"


@tagged("post_install", "-at_install")
class TestSecondThoughts(MessagingCase):
    """News that overtake each other: nobody gets anything twice, no STOP is lost."""

    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time(NOON))

    def _store(self, event, reference=None):
        events = self.env["veloc.provider.event"]
        known = events.search([])
        events._store(self.account, [event], reference)
        return events.search([]) - known

    def _report(self, reference, provider_ref, status, code=""):
        form = {
            "MessageSid": provider_ref,
            "MessageStatus": status,
            "ErrorCode": code,
            "AccountSid": ACCOUNT_SID,
        }
        self._store(twilio_events.parse(urlencode(form)), reference)
        self.run_cron(FOLD)

    def _accepted(self, **values):
        message = self._queue(**values)
        message._move("sending", at=NOON)
        message._move("accepted", provider_ref=f"SM{message.id}")
        return message

    def _says(self, text, sender, sid, at=None):
        event = provider_event.Event(
            "inbound", sid, sender=sender, texts=(text,), provider_ref=sid, at=at
        )
        fold = self.env["veloc.fold"]
        row = self._store(event)
        receipt = next(pair for pair in fold._claim() if pair[0].id == row.id)
        fold._finish(fold._fold_inbound([(*receipt, event)]))
        return row

    # === TWICE === #

    def test_what_arrives_after_all_is_not_sent_again(self):
        message = self._accepted()
        reference, provider_ref = message.reference, message.provider_ref
        self._report(reference, provider_ref, "undelivered", "30003")
        self.assertEqual((message.state, message.resends), ("queued", 1))

        self._report(reference, provider_ref, "delivered")

        self.assertRecordValues(
            message,
            [{"state": "cancelled", "failure_code": "arrived_after_all"}],
        )

    def test_a_late_report_of_the_lost_send_does_not_stop_the_next_one(self):
        message = self._accepted()
        reference, provider_ref = message.reference, message.provider_ref
        self._report(reference, provider_ref, "undelivered", "30003")

        self._report(reference, provider_ref, "sent")

        self.assertEqual(message.state, "queued")

    def test_what_arrives_after_all_calls_its_stand_in_back(self):
        self.template.fallback_channels = "email"
        self._grant(self.ana, "marketing", "email")
        message = self._accepted()
        self._report(message.reference, message.provider_ref, "undelivered", "30005")
        stand_in = message.search([("fallback_of_id", "=", message.id)])
        self.assertEqual(stand_in.state, "queued")

        self._report(message.reference, message.provider_ref, "delivered")

        self.assertTrue(message.has_conflict)
        self.assertRecordValues(
            stand_in,
            [{"state": "cancelled", "failure_code": "arrived_after_all"}],
        )

    def test_absence_at_another_sender_proves_nothing(self):
        for name, value in (
            ("sender", "+5511999998888"),
            ("account_sid", "AC" + "7" * 32),
            ("messaging_service_sid", "MG" + "7" * 32),
        ):
            with self.subTest(name):
                message = self._queue(key=f"doubt:{name}")
                message._move(
                    "sending",
                    attempts=1,
                    lease_until=NOON + timedelta(minutes=2),
                    at=NOON,
                )
                with freeze_time(NOON + timedelta(minutes=1)):
                    self.account.write({name: value})
                with (
                    freeze_time(NOON + timedelta(minutes=5)),
                    self.fake_provider() as provider,
                ):
                    provider.sightings = {PHONE: base.Search((), True, "")}
                    self.run_cron("veloc_messaging.ir_cron_settle")

                self.assertRecordValues(
                    message,
                    [{"state": "in_doubt", "failure_detail": "account_changed"}],
                )

    # === STOP === #

    def test_a_start_worked_on_again_does_not_lift_a_strangers_newer_stop(self):
        start = self._says("VOLTAR", STRANGER, "SM1")
        with freeze_time(NOON + timedelta(minutes=5)):
            self._says("SAIR", STRANGER, "SM2")
        blocked = self.env["veloc.blocked.address"]
        self.assertTrue(blocked._channels([STRANGER]))

        with freeze_time(NOON + timedelta(minutes=9)):
            event = provider_event.Event(
                "inbound", "SM1", sender=STRANGER, texts=("VOLTAR",), provider_ref="SM1"
            )
            start.state = "received"
            fold = self.env["veloc.fold"]
            (receipt,) = [pair for pair in fold._claim() if pair[0].id == start.id]
            fold._fold_inbound([(*receipt, event)])

        self.assertTrue(blocked._channels([STRANGER]))

    def test_a_second_stop_of_a_stranger_counts_from_its_own_time(self):
        self._says("SAIR", STRANGER, "SM1")
        with freeze_time(NOON + timedelta(minutes=5)):
            self._says("SAIR", STRANGER, "SM2")
        with freeze_time(NOON + timedelta(minutes=9)):
            self._says("VOLTAR", STRANGER, "SM3", at=NOON + timedelta(minutes=3))

        self.assertTrue(self.env["veloc.blocked.address"]._channels([STRANGER]))

    def test_a_start_that_comes_late_does_not_lift_a_newer_stop(self):
        self._says("SAIR", PHONE, "SM2")
        opt_outs = [("partner_id", "=", self.ana.id), ("kind", "=", "opt_out")]

        with freeze_time(NOON + timedelta(minutes=9)):
            # Written before the STOP; the provider's call met a sleeping server.
            self._says("VOLTAR", PHONE, "SM1", at=NOON - timedelta(minutes=5))

        opt_out = self.env["veloc.suppression"].search(opt_outs)
        self.assertEqual(opt_out.mapped("is_active"), [True])

    def test_a_start_written_after_the_stop_still_lifts_it(self):
        self._says("SAIR", PHONE, "SM1")
        with freeze_time(NOON + timedelta(minutes=9)):
            self._says("VOLTAR", PHONE, "SM2", at=NOON + timedelta(minutes=8))

        gate = self.env["veloc.suppression"]
        self.assertFalse(
            gate._gate_suppressions(self.ana.ids, NOON + timedelta(minutes=9))
        )

    def test_an_e_mail_address_may_begin_with_a_digit(self):
        self.ana.email = "99ana@example.com"
        found = self.env["veloc.channel.identity"]._find(
            "email", [("99ana@example.com", "")]
        )

        self.assertEqual(found["99ana@example.com", ""], self.ana.ids)
