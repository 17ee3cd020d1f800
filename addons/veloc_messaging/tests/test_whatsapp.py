import json
import os
from dataclasses import replace
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.veloc_compliance.tests.common import NOON

from ..providers import base, registry
from ..providers.whatsapp import WhatsappProvider
from ..rules.whatsapp_signature import sign
from .common import MessagingCase

NUMBER, WABA = "106540352242922", "102290129340398"
PATH = "/veloc/webhook/whatsapp/test-cloud"
NAME = "VELOC_SECRET_TEST_CLOUD"
SECRETS = {NAME: "token", f"{NAME}_APP": "app-secret", f"{NAME}_VERIFY": "hello"}
HELLO = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="


class WhatsappCase(MessagingCase):
    """An account at Meta, and Meta's calls about it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["veloc.account"].search([("channel", "=", "whatsapp")]).active = False
        cls.cloud = cls._account(
            "test-cloud",
            "whatsapp",
            provider="whatsapp",
            account_sid=NUMBER,
            waba_id=WABA,
        )
        cls.at_meta = cls._template_at_meta()

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.dict(os.environ, SECRETS))

    @classmethod
    def _template_at_meta(cls):
        text = "{{ first_name | default('Olá') }}, novidades. SAIR para parar."
        template = cls._approved_template(
            "test-at-meta", "marketing", bodies={"whatsapp": ("", text)}
        )
        draft = template.current_version_id.copy()
        draft.body_ids.write(
            {"template_name": "novidades", "content_variables": "first_name"}
        )
        draft.action_approve()
        return template

    @classmethod
    def _call(cls, number=NUMBER, field="messages", **value):
        """Return the body of a call with one change."""
        metadata = {"display_phone_number": "5511", "phone_number_id": number}
        value = {"messaging_product": "whatsapp", "metadata": metadata, **value}
        changes = [{"field": field, "value": value}]
        entry = [{"id": WABA, "changes": changes}]
        tree = {"object": "whatsapp_business_account", "entry": entry}
        return json.dumps(tree).encode()

    @classmethod
    def _report(cls, status, reference="", ref="wamid.1", **values):
        report = {"id": ref, "status": status, "timestamp": "1750263773", **values}
        if reference:
            report["biz_opaque_callback_data"] = reference
        return report

    def _fold(self):
        self.run_cron("veloc_messaging.ir_cron_fold")


@tagged("post_install", "-at_install")
class TestWhatsappDoor(HttpCase, WhatsappCase):
    def _post(self, body, secret="app-secret", path=PATH, **headers):
        """Post as Meta does, signed over the raw bytes."""
        headers = {
            "Content-Type": "application/json",
            "X-Hub-Signature-256": sign(secret, body),
            **headers,
        }
        return self.url_open(path, data=body, headers=headers, method="POST")

    def _events(self):
        return self.env["veloc.provider.event"].search([], order="id")

    def test_the_handshake_answers_who_knows_the_word(self):
        answer = self.url_open(f"{PATH}?{HELLO}hello")
        self.assertEqual((answer.status_code, answer.text), (200, "1158201444"))
        self.assertTrue(answer.headers["Content-Type"].startswith("text/plain"))

        for query in (f"{HELLO}wrong", "", f"{HELLO}hello".replace("sub", "unsub")):
            self.assertEqual(self.url_open(f"{PATH}?{query}").status_code, 403)
        unknown = self.url_open(f"/veloc/webhook/whatsapp/nobody?{HELLO}hello")
        self.assertEqual(unknown.status_code, 404)

    def test_a_batch_is_answered_with_200_and_stored_in_pieces_once(self):
        body = self._call(
            statuses=[self._report("sent"), self._report("delivered")],
            messages=[{"from": "5511961234567", "id": "wamid.7", "type": "text",
                       "text": {"body": "ção 🙏"}}],
        )  # fmt: skip

        answers = [self._post(body).status_code for _time in range(2)]

        self.assertEqual(answers, [200, 200])
        self.assertEqual(
            [(event.kind, event.event_key) for event in self._events()],
            [
                ("status", "st|wamid.1|sent|"),
                ("status", "st|wamid.1|delivered|"),
                ("inbound", "in|wamid.7"),
            ],
        )

    def test_a_wrong_signature_stores_nothing_and_is_counted(self):
        body = self._call(statuses=[self._report("sent")])

        self.assertEqual(self._post(body, secret="token").status_code, 403)
        unsigned = {"X-Hub-Signature-256": ""}
        self.assertEqual(self._post(body, **unsigned).status_code, 403)

        self.assertFalse(self._events())
        refused = self.env["veloc.webhook.refusal"].search([])
        self.assertRecordValues(refused, [{"reason": "bad_signature", "count": 2}])

    def test_the_secret_may_change_without_a_gap(self):
        body = self._call(statuses=[self._report("sent")])
        changed = {f"{NAME}_APP": "newer", f"{NAME}_APP_PREVIOUS": "app-secret"}

        with patch.dict(os.environ, changed):
            self.assertEqual(self._post(body).status_code, 200)
            self.assertEqual(self._post(body, secret="newer").status_code, 200)

    def test_reports_of_another_number_are_not_ours(self):
        body = self._call(number="1999999", statuses=[self._report("sent")])

        self._post(body)

        self.assertFalse(self._events())
        refused = self.env["veloc.webhook.refusal"].search([])
        self.assertEqual(refused.reason, "wrong_account")

    def test_another_number_of_the_same_app_gets_its_own_reports(self):
        other = self._account(
            "test-second",
            "whatsapp",
            provider="whatsapp",
            account_sid="1999999",
            waba_id=WABA,
        )
        body = self._call(number="1999999", statuses=[self._report("sent")])
        self.assertEqual(self._post(body).status_code, 403)

        with patch.dict(os.environ, {"VELOC_SECRET_TEST_SECOND_APP": "app-secret"}):
            self.assertEqual(self._post(body).status_code, 200)

        self.assertEqual(self._events().account_id, other)

    def test_a_call_of_more_than_three_megabytes_is_refused(self):
        body = self._call(statuses=[self._report("sent", padding="x" * 3 * 2**20)])

        self.assertEqual(self._post(body).status_code, 413)
        fits = self._call(statuses=[self._report("sent", padding="x" * 2**20)])
        self.assertEqual(self._post(fits).status_code, 200)


@tagged("post_install", "-at_install")
class TestWhatsappRoad(WhatsappCase):
    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time(NOON))

    def _hear(self, body):
        """Store what a call says, as the door does."""
        webhook = registry.kinds()["whatsapp"].webhook
        events = webhook.parse(body.decode())
        self.env["veloc.provider.event"]._store(self.cloud, events)
        self._fold()

    def _sent(self, partner=None):
        """Queue a message and hand it over; return it and what was handed over."""
        message = self._queue(partner, template=self.at_meta, channel="whatsapp")
        with self.fake_provider() as provider:
            self.run_dispatch_cron()
        (outgoing,) = provider.sent
        return message, outgoing

    def test_an_approved_template_leaves_by_its_name(self):
        _message, outgoing = self._sent()

        payload = WhatsappProvider(self.cloud._prepare_provider_config()).payload(
            outgoing
        )
        self.assertEqual(payload["type"], "template")
        self.assertEqual(payload["to"], self.ana.phone_sanitized.lstrip("+"))
        self.assertEqual(payload["biz_opaque_callback_data"], outgoing.reference)
        template = payload["template"]
        self.assertEqual(template["name"], "novidades")
        self.assertEqual(template["language"], {"code": "pt_BR"})
        (component,) = template["components"]
        self.assertEqual(
            component["parameters"],
            [{"type": "text", "text": self.ana.name.split()[0]}],
        )

    def test_statuses_move_the_message(self):
        message, outgoing = self._sent()
        ref = message.provider_ref

        self._hear(self._call(statuses=[self._report("read", ref=ref)]))
        self.assertEqual(message.state, "read")
        self._hear(
            self._call(
                statuses=[
                    self._report(status, outgoing.reference, ref)
                    for status in ("sent", "delivered", "played")
                ]
            )
        )
        self.assertEqual(message.state, "read")
        self.assertFalse(message.has_conflict)

    def test_a_lost_answer_is_settled_by_the_reference_in_the_first_report(self):
        message = self._queue(template=self.at_meta, channel="whatsapp")
        with self.fake_provider() as provider:
            lost = base.Result(base.IN_DOUBT, "read_timeout")
            provider.answers[message.address] = lost
            self.run_dispatch_cron()
        self.assertEqual(message.state, "in_doubt")

        report = self._report("delivered", message.reference, "wamid.LOST")
        self._hear(self._call(statuses=[report]))

        self.assertEqual(message.state, "delivered")
        self.assertEqual(message.provider_ref, "wamid.LOST")

    def test_a_closed_window_says_so(self):
        message, _outgoing = self._sent()
        failed = self._report("failed", ref=message.provider_ref)
        failed["errors"] = [{"code": 131047, "title": "Re-engagement message"}]

        self._hear(self._call(statuses=[failed]))

        self.assertRecordValues(
            message,
            [
                {
                    "state": "failed",
                    "failure_class": "window",
                    "failure_code": "131047",
                }
            ],
        )

    def test_a_button_that_says_stop_stops(self):
        message, _outgoing = self._sent()
        number = self.ana.phone_sanitized.lstrip("+")
        button = {"type": "button", "button": {"payload": "OPTOUT", "text": "Não"}}

        self._hear(self._call(messages=[{"from": number, "id": "wamid.8", **button}]))

        gate = self.env["veloc.contact.gate"]
        purpose = message.purpose_id
        (verdict,) = gate._ask([(self.ana.id, purpose.id, "whatsapp")], NOON)
        self.assertEqual(verdict.outcome, "refused")

    def test_who_switches_marketing_off_in_whatsapp_still_gets_service(self):
        number = self.ana.phone_sanitized.lstrip("+")
        wish = {"wa_id": number, "category": "marketing_messages", "value": "stop"}
        self._grant(self.ana, "marketing", "whatsapp")

        self._hear(self._call(field="user_preferences", user_preferences=[wish]))

        gate = self.env["veloc.contact.gate"]
        asks = [
            (self.ana.id, self.purpose(code).id, "whatsapp")
            for code in ("marketing", "account_service")
        ]
        outcomes = [verdict.outcome for verdict in gate._ask(asks, NOON)]
        self.assertEqual(outcomes, ["refused", "allowed"])

    def test_a_person_who_hides_the_number_is_known_by_the_id(self):
        number = self.ana.phone_sanitized.lstrip("+")
        text = {"type": "text", "text": {"body": "oi"}}
        known = {"from": number, "from_user_id": "BR.777", "id": "wamid.20", **text}
        hidden = {"from_user_id": "BR.777", "id": "wamid.21", **text}

        self._hear(self._call(messages=[known]))
        self._hear(self._call(messages=[hidden]))

        events = self.env["veloc.provider.event"].search([("kind", "=", "inbound")])
        self.assertEqual(events.partner_id, self.ana)
        self.assertEqual(len(events), 2)

    def test_a_person_is_followed_to_a_new_number(self):
        number = self.ana.phone_sanitized.lstrip("+")
        system = {"type": "user_changed_number", "wa_id": "5521988887777", "body": "x"}
        move = {"from": number, "id": "wamid.30", "type": "system", "system": system}
        self._hear(self._call(messages=[move]))

        text = {"type": "text", "text": {"body": "oi"}}
        said = {"from": "5521988887777", "id": "wamid.31", **text}
        self._hear(self._call(messages=[said]))

        event = self.env["veloc.provider.event"].search(
            [("event_key", "=", "in|wamid.31")]
        )
        self.assertEqual(event.partner_id, self.ana)

    def test_trouble_of_the_number_is_an_alert(self):
        error = {"code": 131031, "title": "Account has been locked"}

        self._hear(self._call(errors=[error]))

        alert = self.env["veloc.messaging.alert"].search(
            [("account_id", "=", self.cloud.id)]
        )
        self.assertEqual(alert.detail, "131031 Account has been locked")

    def test_what_says_nothing_to_us_is_no_riddle(self):
        hello = {"from": "551", "id": "wamid.40", "type": "request_welcome"}

        self._hear(self._call(messages=[hello]))
        self._hear(self._call(field="phone_number_quality_update", event="FLAGGED"))

        states = self.env["veloc.provider.event"].search([]).mapped("state")
        self.assertEqual(states, ["ignored", "ignored"])


@tagged("post_install", "-at_install")
class TestVelocAccountWhatsapp(WhatsappCase):
    def test_the_ids_of_meta_are_digits(self):
        for wrong in (
            {"account_sid": "+5511940000003"},
            {"waba_id": False},
            {"waba_id": "https://x"},
            {"graph_version": "../me"},
        ):
            with self.subTest(wrong), self.assertRaises(ValidationError):
                self.cloud.write(wrong)

    def test_the_adapter_gets_its_settings(self):
        self.cloud.graph_version = "v27.0"

        config = self.cloud._prepare_provider_config()

        self.assertEqual(config.option("waba_id"), WABA)
        self.assertIn("/v27.0", WhatsappProvider(config).root)
        self.assertEqual(config.named_secret("app"), "app-secret")
        plain = replace(config, options=())
        self.assertIn("/v26.0", WhatsappProvider(plain).root)

    def test_the_form_names_the_secrets_that_are_missing(self):
        self.assertFalse(self.cloud.missing_secrets)
        with patch.dict(os.environ):
            del os.environ[f"{NAME}_APP"], os.environ[NAME]
            self.cloud.invalidate_recordset()
            self.assertEqual(self.cloud.missing_secrets, f"{NAME}, {NAME}_APP")
        self.assertFalse(self.account.missing_secrets)

    def test_only_a_manager_may_point_an_account_at_another_number(self):
        user = new_test_user(
            self.env, "wa-user", "base.group_user,veloc_messaging.group_user"
        )
        with self.assertRaises(AccessError):
            self.cloud.with_user(user).waba_id = "123456"
