from datetime import timedelta
from urllib.parse import urlencode

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from odoo.addons.veloc_compliance.tests.common import NOON

from ..models import veloc_fold
from ..rules import twilio_events
from .common import ACCOUNT_SID, MessagingCase

CRON = "veloc_messaging.ir_cron_fold"


@tagged("post_install", "-at_install")
class TestVelocFold(MessagingCase):
    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time(NOON))

    def _event(self, reference=None, account=None, **form):
        """Store an event as the webhook does; return it."""
        events = self.env["veloc.provider.event"]
        pairs = [*({"AccountSid": ACCOUNT_SID} | form).items()]
        known = events.search([])
        events._store(
            account or self.account, [twilio_events.parse(urlencode(pairs))], reference
        )
        return events.search([]) - known

    def _status(self, message, status, sid="SM1", **form):
        return self._event(
            message.reference, MessageSid=sid, MessageStatus=status, **form
        )

    def _said(self, text, sender="+5511961234567", sid="SM9", **form):
        return self._event(
            MessageSid=sid, SmsStatus="received", From=sender, Body=text, **form
        )

    def _accepted(self, partner=None, **values):
        message = self._queue(partner, **values)
        message._move("sending")
        message._move("accepted", provider_ref="SM1")
        return message

    def _fold(self):
        self.run_cron(CRON)

    # === RECEIPTS === #

    def test_two_receipts_of_one_batch_keep_both_times(self):
        message = self._accepted()
        sent = self._status(message, "sent")
        self._status(message, "delivered")
        sent.received_at = NOON - timedelta(seconds=5)
        other = self._queue(key="other")
        other._move("sending")
        other._move("accepted", provider_ref="SM2")
        self._status(other, "delivered", sid="SM2")

        self._fold()

        self.assertEqual([message.state, other.state], ["delivered"] * 2)
        self.assertEqual(message.sent_at, NOON - timedelta(seconds=5))
        self.assertEqual(message.delivered_at, NOON)
        self.assertFalse(other.sent_at)
        self.assertEqual(other.delivered_at, NOON)

    def test_what_a_pass_has_no_time_for_does_not_wait_for_the_interval(self):
        self.patch(veloc_fold, "BATCH", 1)
        self.patch(veloc_fold, "PASS_SECONDS", 0)
        message = self._accepted()
        for status in ("queued", "sent", "sending", "accepted", "delivered"):
            self._status(message, status)

        self._fold()

        self.assertEqual(message.state, "delivered")

    def test_receipts_in_any_order_lead_to_the_furthest_state(self):
        message = self._accepted()
        for status in ("delivered", "sent", "delivered", "queued"):
            self._status(message, status)

        self._fold()

        self.assertEqual(message.state, "delivered")
        self.assertEqual(message.delivered_at, NOON)
        states = self.env["veloc.provider.event"].search([]).mapped("state")
        self.assertEqual(set(states), {"folded"})

    def test_a_late_receipt_changes_nothing(self):
        message = self._accepted()
        self._status(message, "read")
        self._fold()
        self._status(message, "sent")
        self._fold()

        self.assertEqual(message.state, "read")
        self.assertFalse(message.has_conflict)

    def test_a_failure_after_delivery_is_flagged_and_the_first_end_kept(self):
        message = self._accepted()
        self._status(message, "delivered")
        self._fold()
        self._status(message, "undelivered", ErrorCode="30003")
        self._fold()

        self.assertRecordValues(message, [{"state": "delivered", "has_conflict": True}])

    def test_a_failure_says_why(self):
        message = self._accepted()
        self._status(message, "undelivered", ErrorCode="30005")

        self._fold()

        self.assertRecordValues(
            message,
            [
                {
                    "state": "undelivered",
                    "failure_class": "permanent",
                    "failure_code": "30005",
                    "failed_at": NOON,
                }
            ],
        )

    def test_a_receipt_settles_a_message_in_doubt(self):
        message = self._queue()
        message._move("sending")
        message._move("in_doubt")
        self._status(message, "sent", sid="SM77")

        self._fold()

        self.assertRecordValues(message, [{"state": "sent", "provider_ref": "SM77"}])

    def test_a_receipt_that_overtakes_the_answer_counts(self):
        message = self._queue()
        message._move("sending")
        self._status(message, "delivered", sid="SM77")

        self._fold()
        message._move("accepted", provider_ref="SM77")  # the late answer

        self.assertRecordValues(
            message, [{"state": "delivered", "provider_ref": "SM77"}]
        )

    def test_a_receipt_about_an_earlier_send_is_ignored(self):
        message = self._accepted()
        event = self._status(message, "failed", sid="SM0")

        self._fold()

        self.assertEqual(message.state, "accepted")
        self.assertRecordValues(event, [{"state": "ignored", "error": "earlier_send"}])

    def test_the_id_of_the_provider_is_enough(self):
        message = self._accepted()
        self._event(MessageSid="SM1", MessageStatus="delivered")

        self._fold()

        self.assertEqual(message.state, "delivered")

    def test_another_account_cannot_speak_about_our_messages(self):
        message = self._accepted()
        other = self._account("other-sms", "sms")
        event = self._event(
            message.reference, other, MessageSid="SM1", MessageStatus="failed"
        )

        self._fold()

        self.assertEqual(message.state, "accepted")
        self.assertRecordValues(
            event, [{"state": "ignored", "error": "unknown_message"}]
        )

    def test_a_status_nobody_knows_is_shown_not_lost(self):
        message = self._accepted()
        event = self._status(message, "teleported")

        self._fold()

        self.assertEqual(message.state, "accepted")
        self.assertRecordValues(
            event, [{"state": "not_understood", "message_id": message.id}]
        )

    def test_a_recipient_who_blocked_us_is_not_written_to_again(self):
        message = self._accepted()
        self._status(message, "failed", ErrorCode="21610")

        self._fold()

        self.assertEqual(message.failure_class, "suppress")
        self.assertEqual(self._ask(self.ana).reason, "channel_blocked")

    def test_an_event_that_breaks_a_batch_is_set_aside_alone(self):
        message = self._accepted()
        bad = self._event(MessageSid="SM5", SmsStatus="received", From="+5511961234567")
        self._status(message, "delivered")
        # As a bug would: an inbound event of a channel that does not exist.
        self.env.cr.execute(
            "CREATE FUNCTION pg_temp.boom() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN IF NEW.id = TG_ARGV[0]::int AND NEW.state <> 'not_understood' "
            "THEN RAISE EXCEPTION 'boom'; END IF; RETURN NEW; END $$"
        )
        self.env.cr.execute(
            "CREATE TRIGGER boom BEFORE UPDATE ON veloc_provider_event "
            "FOR EACH ROW EXECUTE FUNCTION pg_temp.boom(%s)",
            [str(bad.id)],
        )

        with self.assertLogs("odoo.addons.veloc_messaging", "ERROR"):
            self._fold()

        self.assertEqual(message.state, "delivered")
        self.assertEqual(bad.state, "not_understood")
        self.assertIn("boom", bad.error)

    def test_the_queries_do_not_grow_with_the_events(self):
        counts = []
        for size in (1, 12):
            for n in range(size):
                message = self._accepted(key=f"k{size}.{n}")
                self._event(
                    message.reference,
                    MessageSid="SM1",
                    MessageStatus="delivered",
                    ErrorCode=f"{size}{n:02}",
                )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertEqual(self.env["veloc.fold"]._fold_batch(), size)
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    # === WORDS === #

    def test_stop_revokes_and_blocks_the_channel(self):
        queued = self._queue()
        self._grant(self.ana, channel="whatsapp")
        event = self._said(" Sair! ")

        self._fold()

        self.assertEqual(self._ask(self.ana).outcome, "refused")
        self.assertEqual(self._ask(self.ana, channel="whatsapp").outcome, "allowed")
        self.assertRecordValues(
            event,
            [{"state": "folded", "word": "stop", "partner_id": self.ana.id}],
        )
        consent = self.env["veloc.consent"].search(
            [("partner_id", "=", self.ana.id), ("granted", "=", False)], limit=1
        )
        self.assertEqual(consent.source, "stop_word")
        self.assertIn("SM9", consent.evidence)
        with self.fake_provider() as provider:
            self.run_dispatch_cron()
        self.assertFalse(provider.sent)
        self.assertEqual(queued.state, "blocked")

    def test_start_lifts_the_block_but_grants_nothing(self):
        self._grant(self.ana)
        self._said("PARAR", sid="SM1")
        self._fold()
        self.assertEqual(self._ask(self.ana).reason, "opt_out")
        self._said("VOLTAR", sid="SM2")

        self._fold()

        self.assertEqual(self._ask(self.ana).reason, "consent_revoked")
        self._grant(self.ana)
        self.assertEqual(self._ask(self.ana).outcome, "allowed")

    def test_start_also_ends_a_block_learned_from_the_provider(self):
        message = self._accepted()
        self._status(message, "failed", ErrorCode="21610")
        self._fold()
        self._said("START")

        self._fold()

        self.assertEqual(self._ask(self.ana).outcome, "allowed")

    def test_of_stop_and_start_in_one_batch_the_last_word_counts(self):
        self._grant(self.ana)
        self._said("STOP", sid="SM1")
        self._said("START", sid="SM2")
        self._grant(self.rui)
        self._said("START", sender="+5521961234567", sid="SM3")
        self._said("STOP", sender="+5521961234567", sid="SM4")

        self._fold()

        self.assertEqual(self._ask(self.ana).reason, "consent_revoked")
        self.assertEqual(self._ask(self.rui).reason, "opt_out")

    def test_a_sentence_with_the_word_is_no_opt_out(self):
        self._grant(self.ana)
        event = self._said("quero cancelar a consulta")

        self._fold()

        self.assertRecordValues(event, [{"state": "folded", "word": False}])
        self.assertEqual(self._ask(self.ana).outcome, "allowed")

    def test_what_twilio_understood_wins(self):
        self._grant(self.ana)
        self._said("Não me mandem mais nada", OptOutType="STOP")

        self._fold()

        self.assertEqual(self._ask(self.ana).reason, "opt_out")

    def test_an_old_whatsapp_number_without_the_ninth_digit_is_known(self):
        whatsapp = self.env["veloc.account"].search([("code", "=", "test-whatsapp")])
        self._grant(self.ana, channel="whatsapp")
        event = self._event(
            account=whatsapp,
            MessageSid="SM9",
            SmsStatus="received",
            From="whatsapp:+551161234567",
            Body="parar",
        )

        self._fold()

        self.assertRecordValues(
            event, [{"partner_id": self.ana.id, "channel": "whatsapp"}]
        )
        self.assertEqual(self._ask(self.ana, channel="whatsapp").reason, "opt_out")

    def test_everybody_with_the_number_is_stopped(self):
        twin = self.ana.copy({"name": "Ana's other record"})
        for person in self.ana + twin:
            self._grant(person)
        event = self._said("STOP")

        self._fold()

        self.assertEqual(self._ask(self.ana).reason, "opt_out")
        self.assertEqual(self._ask(twin).reason, "opt_out")
        self.assertFalse(event.partner_id)  # which of them wrote is not known

    def test_a_stop_from_nobody_we_know_is_shown_and_kept(self):
        stop = self._said("STOP", sender="+5585911112222", sid="SM1")
        hello = self._said("oi", sender="+5585911112222", sid="SM2")

        self._fold()

        self.assertRecordValues(
            stop + hello,
            [
                {"state": "folded", "error": "unknown_sender"},
                {"state": "ignored", "error": "unknown_sender"},
            ],
        )

    def test_something_else_is_kept_and_shown(self):
        event = self._event(Foo="bar")

        self._fold()

        self.assertRecordValues(
            event, [{"state": "not_understood", "error": "unknown_shape"}]
        )
        self.assertEqual(event.folded_at, fields.Datetime.now())
