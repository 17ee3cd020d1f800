import json
import os
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import HttpCase, tagged

from ..providers import base, pool, registry
from ..providers.sandbox import SandboxProvider
from .common import MessagingCase

CODE = "test-line"
PATH = f"/veloc/webhook/sandbox/{CODE}"
SECRETS = {
    "VELOC_SECRET_TEST_LINE": "main",
    "VELOC_SECRET_TEST_LINE_VERIFY": "open sesame",
}


class LineWebhook(base.Webhook):
    """Reads a list of things; the secret stands in a header, which is enough here."""

    ok_status = 200
    max_bytes = 1000
    has_handshake = True

    def handshake(self, secrets, query):
        if query.get("token") != secrets.named.get("verify"):
            return None
        return query.get("challenge", "")

    def is_valid(self, secrets, call):
        return call.headers.get("x-secret") == secrets.main

    def parse(self, payload):
        return [
            base.Event(
                "status",
                f"{item['id']}|{item['status']}",
                payload=json.dumps([item]),
                reference=item.get("reference", ""),
                provider_ref=item["id"],
                status=item["status"],
                account_ref=item.get("account", ""),
            )
            for item in json.loads(payload)
        ]


@tagged("post_install", "-at_install")
class TestRegistry(HttpCase, MessagingCase):
    """A provider that this addon does not know, added from outside."""

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.dict(os.environ, SECRETS))
        self.startPatcher(patch.dict(registry._kinds))
        kind = registry.Kind(
            "sandbox",
            "Line",
            base.Capabilities(frozenset({"whatsapp"}), callbacks=True),
            lambda config, _session: SandboxProvider(config),
            LineWebhook(),
        )
        registry.register(kind)
        self.line = self._account(CODE, "whatsapp", provider="sandbox")

    def _post(self, *items, secret="main"):
        return self.url_open(
            PATH,
            data=json.dumps(items),
            headers={"X-Secret": secret, "Content-Type": "application/json"},
            method="POST",
        )

    def _events(self):
        return self.env["veloc.provider.event"].search([], order="id")

    def test_its_account_serves_what_it_declares(self):
        with self.assertRaises(ValidationError):
            self.line.channel = "sms"

    def test_one_call_stores_many_events_once(self):
        items = [{"id": f"L{n}", "status": "sent"} for n in range(3)]

        answers = [self._post(*items, items[0]), self._post(*items)]

        self.assertEqual([answer.status_code for answer in answers], [200, 200])
        self.assertEqual(
            [json.loads(event.payload) for event in self._events()],
            [[item] for item in items],
        )

    def test_its_reports_move_messages(self):
        message = self._queue(channel="whatsapp")
        message._move("sending")
        message._move("accepted", provider_ref="L1")
        message.account_id = self.line
        self._post({"id": "L1", "status": "delivered", "reference": message.reference})

        self.run_cron("veloc_messaging.ir_cron_fold")

        self.assertEqual(message.state, "delivered")
        self.assertEqual(self._events().reference, message.reference)

    def test_events_of_another_account_are_left_out_and_counted(self):
        self.line.account_sid = "mine"
        mine = {"id": "L1", "status": "sent", "account": "mine"}
        other = {"id": "L2", "status": "sent", "account": "other"}

        self.assertEqual(self._post(mine, other).status_code, 200)
        self.assertEqual(self._events().event_key, "L1|sent")
        self.assertEqual(self._post(other).status_code, 403)
        counted = self.env["veloc.webhook.refusal"].search([])
        self.assertEqual(counted.mapped("count"), [2])

    def test_the_handshake_is_answered_to_who_knows_the_token(self):
        good = self.url_open(f"{PATH}?token=open%20sesame&challenge=42")
        bad = self.url_open(f"{PATH}?token=guess&challenge=42")
        nobody = self.url_open("/veloc/webhook/sandbox/nobody?token=x")

        self.assertEqual((good.status_code, good.text), (200, "42"))
        self.assertIn("text/plain", good.headers["Content-Type"])
        self.assertEqual((bad.status_code, bad.text), (403, ""))
        self.assertEqual(nobody.status_code, 404)
        self.assertFalse(self.env["veloc.webhook.refusal"].search([]))

    def test_each_provider_has_its_own_limit(self):
        self.assertEqual(
            self._post({"id": "x" * 2000, "status": "sent"}).status_code, 413
        )
        self.assertFalse(self._events())

    def test_what_it_does_not_declare_is_refused_and_harms_nobody_else(self):
        registry.register(
            registry.Kind(
                "sandbox",
                "Line",
                base.Capabilities(frozenset({"whatsapp"})),
                lambda config, _session: StrictProvider(config),
            )
        )
        provider = self.line._get_provider()
        letter = base.Outgoing("ref", "+5511", "Oi", reply_to="L1")

        result = pool.send_safely(provider, pool.Job(1, letter))

        self.assertEqual((result.kind, result.code), ("config", "unsupported"))
        self.assertFalse(result.whole_account)
        self.assertEqual(result.detail, "reply_to is not supported")

    def test_a_provider_that_nobody_registered_is_named(self):
        config = self.line._prepare_provider_config()
        registry._kinds.pop("sandbox")

        with self.assertRaisesRegex(base.ConfigError, "sandbox"):
            registry.provider(config)


class StrictProvider(SandboxProvider):
    def send(self, message):
        base.refuse_unsupported(base.Capabilities(frozenset()), message)
        return super().send(message)
