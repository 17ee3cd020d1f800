from datetime import timedelta
from urllib.parse import urlencode

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.veloc_compliance.tests.common import NOON

from ..providers import base
from ..rules import provider_event, twilio_events
from .common import ACCOUNT_SID, MessagingCase

CRON = "veloc_messaging.ir_cron_fold"
STRANGER = "+5585991234567"


@tagged("post_install", "-at_install")
class TestVelocFoldConsequences(MessagingCase):
    """What reports and words mean beyond the message they are about."""

    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time(NOON))
        self.whatsapp = self.env["veloc.account"].search(
            [("code", "=", "test-whatsapp")]
        )

    def _store(self, *events, account=None, reference=None):
        events_model = self.env["veloc.provider.event"]
        known = events_model.search([])
        events_model._store(account or self.account, events, reference)
        return events_model.search([]) - known

    def _report(self, message, status, code="", account=None):
        form = {
            "MessageSid": message.provider_ref,
            "MessageStatus": status,
            "ErrorCode": code,
            "AccountSid": ACCOUNT_SID,
        }
        event = twilio_events.parse(urlencode(form))
        return self._store(event, account=account, reference=message.reference)

    def _said(self, text, sender="+5511961234567", sid="SM9", account=None):
        form = {"MessageSid": sid, "SmsStatus": "received", "From": sender}
        event = twilio_events.parse(urlencode(form | {"Body": text}))
        return self._store(event, account=account)

    def _prefers(self, word, key="p1", sender="+5511961234567"):
        event = provider_event.Event(
            "preference", key, sender=sender, channel="whatsapp", opt_out=word
        )
        # Nothing of ours parses to a preference: it is folded as it was read.
        rest = self.env["veloc.fold"]._fold_preferences
        row = self._store(event, account=self.whatsapp)
        receipt = [r for r in self.env["veloc.fold"]._claim() if r[0].id == row.id]
        outcome = rest([(*receipt[0], event)])
        self.env["veloc.fold"]._finish(outcome)
        return row

    def _accepted(self, partner=None, **values):
        message = self._queue(partner, **values)
        message._move("sending")
        message._move("accepted", provider_ref=f"SM{message.id}")
        return message

    def _template_on_whatsapp(self, **values):
        """Queue what may leave outside the answer window."""
        message = self._queue(channel="whatsapp", **values)
        message.write({"content_sid": "HX" + "0" * 32, "template_name": "novidades"})
        return message

    def _on_whatsapp(self, partner=None, template=None, key="w1"):
        partner = partner or self.ana
        return self._accepted(partner, template=template, channel="whatsapp", key=key)

    # === MARKETING ONLY === #

    def test_a_limit_of_whatsapp_lets_a_person_rest_for_a_day(self):
        message = self._on_whatsapp()
        self._report(message, "undelivered", "63049", self.whatsapp)
        self.run_cron(CRON)
        promotion = self._template_on_whatsapp(key="w2")
        service = self._template_on_whatsapp(template=self.urgent, key="w3")

        # A minute later: nobody gets two messages within seconds anyway.
        later = freeze_time(NOON + timedelta(minutes=1))
        with later, self.fake_provider() as provider:
            for lane in ("urgent", "bulk_1"):
                self.run_dispatch_cron(f"veloc_messaging.ir_cron_dispatch_{lane}")

        self.assertEqual([m.reference for m in provider.sent], [service.reference])
        self.assertRecordValues(
            promotion,
            [
                {
                    "state": "queued",
                    "hold_reason": "provider_limit",
                    "next_attempt_at": NOON + timedelta(hours=24),
                }
            ],
        )
        with freeze_time(NOON + timedelta(hours=24)), self.fake_provider() as provider:
            self.run_dispatch_cron()
        self.assertEqual([m.reference for m in provider.sent], [promotion.reference])

    def test_each_time_the_rest_is_longer(self):
        holds = self.env["veloc.channel.hold"]
        for n, hours in enumerate((24, 48, 72)):
            message = self._on_whatsapp(key=f"w{n}")
            self._report(message, "undelivered", "63049", self.whatsapp)
            self.run_cron(CRON)
            hold = holds.search([])
            self.assertEqual(hold.until_at, NOON + timedelta(hours=hours))
        self.assertRecordValues(hold, [{"count": 3, "code": "63049"}])

    def test_an_answer_that_says_so_means_the_same(self):
        self._template_on_whatsapp()
        with self.fake_provider() as provider:
            provider.answers["+5511961234567"] = base.Result("policy", "63049")
            self.run_dispatch_cron()

        self.assertEqual(self.env["veloc.channel.hold"].search([]).partner_id, self.ana)

    def test_who_stopped_marketing_at_meta_still_gets_service(self):
        self.whatsapp.write(
            {"provider": "whatsapp", "account_sid": "123456", "waba_id": "123456"}
        )
        self._template_on_whatsapp()
        with self.fake_provider() as provider:
            provider.answers["+5511961234567"] = base.Result("suppress", "131050")
            self.run_dispatch_cron()

        self.assertEqual(self._ask(self.ana, channel="whatsapp").reason, "opt_out")
        service = self._ask(self.ana, "account_service", channel="whatsapp")
        self.assertEqual(service.outcome, "allowed")

    def test_a_preference_said_at_meta_is_about_promotions(self):
        self._grant(self.ana, channel="whatsapp")
        self._prefers("stop")

        self.assertEqual(self._ask(self.ana, channel="whatsapp").reason, "opt_out")
        service = self._ask(self.ana, "account_service", channel="whatsapp")
        self.assertEqual(service.outcome, "allowed")

        self._prefers("start", "p2")

        # Allowed to ask again, but consent must be given anew.
        reason = self._ask(self.ana, channel="whatsapp").reason
        self.assertEqual(reason, "consent_revoked")

    def test_a_preference_does_not_undo_a_stop_said_to_us(self):
        self._said("STOP", "whatsapp:+5511961234567", account=self.whatsapp)
        self.run_cron(CRON)

        self._prefers("start")

        self.assertEqual(self._ask(self.ana, channel="whatsapp").reason, "opt_out")

    def test_a_preference_nobody_understands_is_shown(self):
        event = self._prefers(None)

        self.assertRecordValues(
            event, [{"state": "not_understood", "error": "unknown_shape"}]
        )

    # === ACCOUNTS === #

    def test_an_account_that_is_refused_as_a_whole_pauses(self):
        message = self._accepted()
        self._report(message, "failed", "30002")

        self.run_cron(CRON)

        self.assertEqual(self.account.state, "paused")
        self.assertIn("30002", self.account.pause_reason)

    def test_trouble_of_one_template_pauses_nothing(self):
        message = self._accepted()
        self._report(message, "failed", "63041")

        self.run_cron(CRON)

        self.assertEqual(message.failure_class, "config")
        self.assertEqual(self.account.state, "active")

    def test_an_account_that_is_too_fast_rests(self):
        message = self._accepted()
        self._report(message, "failed", "30001")

        self.run_cron(CRON)

        self.assertGreater(self.account.resume_at, NOON)

    # === PRICE === #

    def test_what_a_message_costs_is_kept(self):
        message = self._accepted()
        event = provider_event.Event(
            "status",
            "k1",
            provider_ref=message.provider_ref,
            status="delivered",
            error_detail="",
            price_category="utility",
            is_billable=True,
            at=NOON - timedelta(minutes=1),
        )
        self._store(event)

        self.run_cron(CRON)

        self.assertRecordValues(
            message,
            [
                {
                    "state": "delivered",
                    "price_category": "utility",
                    "is_billable": True,
                    "delivered_at": NOON - timedelta(minutes=1),
                }
            ],
        )

    def test_a_clock_that_is_wrong_is_not_believed(self):
        for n, at in enumerate((NOON + timedelta(days=1), NOON - timedelta(days=9))):
            message = self._accepted(key=f"clock{n}")
            event = provider_event.Event(
                "status",
                f"k{n}",
                provider_ref=message.provider_ref,
                status="delivered",
                at=at,
            )
            self._store(event)
            self.run_cron(CRON)
            self.assertEqual(message.delivered_at, NOON)

    # === STRANGERS === #

    def test_who_turns_up_with_a_number_that_said_stop_is_opted_out(self):
        event = self._said("SAIR", STRANGER)
        self.run_cron(CRON)

        late = self.env["res.partner"].create(
            self._prepare_person("Late", "late@example.com", "+55 85 99123-4567")
        )

        self.assertEqual(self._ask(late).reason, "opt_out")
        block = self.env["veloc.suppression"].search([("partner_id", "=", late.id)])
        self.assertEqual(block.kind, "opt_out")
        revoked = self.env["veloc.consent"].search([("partner_id", "=", late.id)])
        self.assertIn(event.event_key, revoked[:1].evidence)

    def test_who_changes_to_a_number_that_said_stop_is_opted_out(self):
        self._said("SAIR", STRANGER)
        self.run_cron(CRON)
        self._grant(self.ana)

        self.ana.phone = "+55 85 99123-4567"

        self.assertEqual(self._ask(self.ana).reason, "opt_out")

    def test_nothing_promotional_leaves_to_a_number_that_said_stop(self):
        message = self._queue()
        self.env["veloc.blocked.address"]._block(
            "sms", {message.address: ("SM1", NOON)}
        )

        with self.fake_provider() as provider:
            self.run_dispatch_cron()

        self.assertFalse(provider.sent)
        self.assertRecordValues(
            message, [{"state": "blocked", "failure_code": "opt_out"}]
        )

    def test_a_stranger_may_start_again(self):
        self._said("SAIR", STRANGER, "SM1")
        self.run_cron(CRON)
        self._said("VOLTAR", STRANGER, "SM2")
        self.run_cron(CRON)

        self.assertFalse(self.env["veloc.blocked.address"].search([]))

    def test_the_list_of_strangers_is_for_managers(self):
        agent = new_test_user(
            self.env, login="agent-b", groups="veloc_messaging.group_user"
        )
        blocked = self.env["veloc.blocked.address"].with_user(agent)
        with self.assertRaises(AccessError):
            blocked.search([])
        with self.assertRaises(AccessError):
            self.env["veloc.channel.hold"].with_user(agent).create({})

    # === WORDS === #

    def test_cancel_may_mean_something_else_on_an_account(self):
        self._grant(self.ana)
        self.account.ignored_words = "CANCEL, Cancelar"
        self._said("Cancelar", sid="SM1")
        self.run_cron(CRON)
        self.assertEqual(self._ask(self.ana).outcome, "allowed")

        self._said("PARAR", sid="SM2")
        self.run_cron(CRON)
        self.assertEqual(self._ask(self.ana).reason, "opt_out")

    def test_the_button_of_a_template_stops(self):
        self._grant(self.ana, channel="whatsapp")
        form = {
            "MessageSid": "SM1",
            "SmsStatus": "received",
            "From": "whatsapp:+5511961234567",
            "Body": "Não quero mais",
            "ButtonPayload": "OPTOUT",
            "ButtonText": "Não quero mais",
        }
        self._store(twilio_events.parse(urlencode(form)), account=self.whatsapp)

        self.run_cron(CRON)

        self.assertEqual(self._ask(self.ana, channel="whatsapp").reason, "opt_out")

    # === REPLAY === #

    def test_what_was_not_understood_can_be_replayed_by_managers(self):
        message = self._accepted()
        event = self._report(message, "delivered")
        event.write({"state": "not_understood", "error": "unknown_shape"})
        self.assertTrue(event.reason)
        agent = new_test_user(
            self.env, login="agent-r", groups="veloc_messaging.group_user"
        )
        with self.assertRaises(AccessError):
            event.with_user(agent).action_replay()
        manager = new_test_user(
            self.env, login="manager-r", groups="veloc_messaging.group_manager"
        )

        self.assertTrue(event.with_user(manager).action_replay())
        self.run_cron(CRON)

        self.assertRecordValues(event, [{"state": "folded", "error": False}])
        self.assertEqual(message.state, "delivered")

    def test_a_replay_moves_nothing_backwards(self):
        message = self._accepted()
        sent = self._report(message, "sent")
        self._report(message, "delivered")
        self.run_cron(CRON)
        sent.state = "ignored"

        for _again in range(2):
            sent.action_replay()
            self.run_cron(CRON)

        self.assertEqual(message.state, "delivered")
        self.assertFalse(message.has_conflict)
        self.assertEqual(sent.state, "folded")

    def test_an_old_start_does_not_lift_a_newer_stop(self):
        start = self._said("VOLTAR", sid="SM1")
        self.run_cron(CRON)
        start.state = "ignored"
        with freeze_time(NOON + timedelta(hours=1)):
            self._said("STOP", sid="SM2")
            self.run_cron(CRON)
            start.action_replay()
            self.run_cron(CRON)

            self.assertEqual(self._ask(self.ana).reason, "opt_out")
