from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.veloc_compliance.tests.common import NOON

from ..providers import base
from ..providers.web_push import MAX_DEVICES
from ..rules import push_payload
from .push_case import PushCase


@tagged("post_install", "-at_install")
class TestVelocPushSubscription(PushCase):
    """A push goes to the browsers a person turned on, and to no other."""

    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time(NOON))

    # === SUBSCRIBING === #

    def test_a_browser_is_kept_by_its_kind(self):
        self.assertRecordValues(
            self._subscribe(),
            [
                {
                    "partner_id": self.ana.id,
                    "account_id": self.push.id,
                    "state": "live",
                    "service": "fcm.googleapis.com",
                    "device": "Chrome · Android",
                    "subscribed_at": NOON,
                }
            ],
        )

    def test_the_same_browser_again_is_the_same_row(self):
        first = self._subscribe()
        first._end()
        self.assertEqual(self._subscribe(), first)
        self.assertRecordValues(first, [{"state": "live", "ended_at": False}])

    def test_a_browser_belongs_to_whoever_turned_it_on_last(self):
        row = self._subscribe(self.ana)
        self._subscribe(self.rui)
        self.assertEqual(row.partner_id, self.rui)
        self.assertFalse(self._reachable(self.ana))

    def test_only_the_newest_browsers_are_kept(self):
        rows = []
        for minute in range(MAX_DEVICES + 2):
            with freeze_time(NOON + timedelta(minutes=minute)):
                rows.append(self._subscribe(name=f"b{minute}"))
        self.assertEqual([r.state for r in rows[:2]], ["ended", "ended"])
        self.assertEqual({r.state for r in rows[2:]}, {"live"})

    def _reachable(self, partner):
        people = self.env["res.partner"]._veloc_gate_people(partner.ids)
        return people[partner.id].has_push

    # === QUEUEING === #

    def test_without_a_browser_there_is_no_address(self):
        self._subscribe()._end()
        self._grant(self.ana, "marketing", "push")
        draft = self._draft(self.ana, self.notice, "push")
        (answer,) = self.env["veloc.message"]._enqueue([draft], NOON)
        self.assertEqual(
            (answer["outcome"], answer["reason"]), ("refused", "no_address")
        )

    def test_without_consent_a_browser_changes_nothing(self):
        self._subscribe()
        draft = self._draft(self.ana, self.notice, "push")
        (answer,) = self.env["veloc.message"]._enqueue([draft], NOON)
        self.assertEqual(
            (answer["outcome"], answer["reason"]), ("refused", "no_consent")
        )

    # === SENDING === #

    def _send(self, answer=None):
        message = self._queue(self.ana, self.notice, "push")
        with self.fake_provider() as provider:
            if answer:
                provider.answers[message.address] = answer
            self.run_dispatch_cron()
        return message, provider.sent[0]

    def test_a_push_carries_browsers_target_and_the_way_back(self):
        phone = self._subscribe(name="phone")
        laptop = self._subscribe(name="laptop")
        self._subscribe(self.rui, name="rui")
        self._subscribe(name="old")._end()

        message, sent = self._send()

        self.assertEqual(
            {device.endpoint for device in sent.devices},
            {phone.endpoint, laptop.endpoint},
        )
        self.assertEqual((sent.subject, sent.urgency), ("Novidades", "normal"))
        self.assertNotIn("http", sent.body)
        told = dict(sent.data)
        self.assertIn("veloc.example.com", told["url"])
        self.assertEqual(told["reference"], message.reference)
        key = push_payload.report_key("5a" * 32, message.reference)
        self.assertEqual(
            told["report"],
            "https://veloc.example.com/veloc/webhook/push/test-push/"
            f"{message.reference}?key={key}",
        )

    def test_a_browser_of_another_account_is_not_written_to(self):
        other = self._account("other-push", "push", provider="push", sequence=5)
        self._subscribe(name="mine")
        self._subscribe(name="theirs", account=other)
        _message, sent = self._send()
        self.assertEqual([d.endpoint[-4:] for d in sent.devices], ["mine"])

    def test_a_browser_that_is_gone_is_crossed_out_with_the_answer(self):
        phone, laptop = self._subscribe(name="phone"), self._subscribe(name="laptop")
        self._send(base.Result(base.ACCEPTED, provider_ref="x", gone=(phone.endpoint,)))
        self.assertRecordValues(
            phone + laptop,
            [
                {"state": "gone", "ended_at": NOON, "last_success_at": False},
                {"state": "live", "ended_at": False, "last_success_at": NOON},
            ],
        )

    def test_when_all_are_gone_the_next_message_has_no_address(self):
        phone = self._subscribe()
        message, _sent = self._send(
            base.Result(base.PERMANENT, "http_410", gone=(phone.endpoint,))
        )
        self.assertRecordValues(
            message, [{"state": "failed", "failure_class": "permanent"}]
        )
        draft = self._draft(self.ana, self.notice, "push", key="next")
        (answer,) = self.env["veloc.message"]._enqueue([draft], NOON)
        self.assertEqual(answer["reason"], "no_address")

    def test_the_devices_of_a_batch_cost_one_query(self):
        for person in (self.ana, self.rui):
            for name in ("a", "b"):
                self._subscribe(person, name=f"{person.name}{name}")
        subscriptions = self.env["veloc.push.subscription"]
        subscriptions.flush_model()
        with self.assertQueryCount(1):
            devices = subscriptions._devices((self.ana + self.rui).ids)
        self.assertEqual([len(found) for found in devices.values()], [2, 2])

    # === THE ACCOUNT === #

    def test_the_public_key_follows_from_the_secret(self):
        self.assertEqual(len(self.push._push_public_key()), 87)
        self.push.code = "no-secret-here"
        self.assertEqual(self.push._push_public_key(), "")
        self.assertFalse(self.env["veloc.account"]._push_account())

    def test_push_services_are_told_whom_to_write_to(self):
        self.assertEqual(
            self.push._provider_options()["contact"], "mailto:push@veloc.example"
        )
        self.push.sender = False
        self.assertEqual(
            self.push._provider_options()["contact"], "https://veloc.example.com"
        )

    # === WHO MAY === #

    def test_nobody_sees_the_keys_and_nobody_writes(self):
        row = self._subscribe()
        groups = "base.group_user,veloc_messaging.group_manager"
        manager = new_test_user(self.env, "push-manager", groups=groups)
        outsider = new_test_user(self.env, "push-outsider", groups="base.group_user")
        seen = row.with_user(manager)
        self.assertEqual(seen.read(["device"])[0]["device"], "Chrome · Android")
        for name in ("endpoint", "p256dh", "auth"):
            with self.assertRaises(AccessError):
                seen.read([name])
        with self.assertRaises(AccessError):
            seen.write({"state": "gone"})
        with self.assertRaises(AccessError):
            row.with_user(outsider).read(["device"])

    def test_another_company_does_not_see_the_browser(self):
        row = self._subscribe()
        self.push.company_id = self.env["res.company"].create({"name": "Other"})
        groups = "base.group_user,veloc_messaging.group_user"
        user = new_test_user(self.env, "push-user", groups=groups)
        subscriptions = self.env["veloc.push.subscription"].with_user(user)
        self.assertFalse(subscriptions.search([("id", "=", row.id)]))
