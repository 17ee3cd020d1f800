import hashlib
import os
from datetime import timedelta
from unittest.mock import patch
from urllib.parse import urlencode

from odoo.tests import HttpCase, tagged

from ..rules import twilio_signature
from .common import ACCOUNT_SID, SECRET, MessagingCase

PUBLIC = "https://veloc.example.com"
PATH = "/veloc/webhook/twilio/test-sms"
STATUS = {"MessageSid": "SM1", "MessageStatus": "delivered", "AccountSid": ACCOUNT_SID}


@tagged("post_install", "-at_install")
class TestWebhook(HttpCase, MessagingCase):
    def setUp(self):
        super().setUp()
        self.startPatcher(patch.dict(os.environ, {"VELOC_SECRET_TEST_SMS": SECRET}))
        os.environ.pop("VELOC_PUBLIC_URL", None)

    def _post(self, form=None, path=PATH, secret=SECRET, body=None, signature=None):
        """Post as Twilio does, signed over the public address."""
        pairs = list((form or {}).items())
        if signature is None:
            signature = twilio_signature.signature_of(secret, PUBLIC + path, pairs)
        is_form = body is None
        kind = "application/x-www-form-urlencoded" if is_form else "application/json"
        return self.url_open(
            path,
            data=urlencode(pairs) if is_form else body,
            headers={"X-Twilio-Signature": signature, "Content-Type": kind},
            method="POST",
        )

    def _events(self):
        return self.env["veloc.provider.event"].search([])

    def _refusals(self):
        rows = self.env["veloc.webhook.refusal"].search([])
        return {row.reason: row.count for row in rows}

    def test_a_signed_call_is_stored_once_and_answered(self):
        path = f"{PATH}/abc123"

        answers = [self._post(STATUS, path).status_code for _ in range(2)]

        self.assertEqual(answers, [204, 204])
        self.assertRecordValues(
            self._events(),
            [
                {
                    "account_id": self.account.id,
                    "kind": "status",
                    "status": "delivered",
                    "reference": "abc123",
                    "state": "received",
                    "payload": urlencode(STATUS),
                }
            ],
        )

    def test_a_stored_call_wakes_the_folding(self):
        triggers = self.env["ir.cron.trigger"]
        triggers.search([]).unlink()

        self._post(STATUS)

        mine = [("cron_id", "=", self.env.ref("veloc_messaging.ir_cron_fold").id)]
        self.assertEqual(triggers.search_count(mine), 1)

        # While the job is called already, only a person's words call it again.
        self._post(STATUS | {"MessageStatus": "sent"})
        self.assertEqual(triggers.search_count(mine), 1)
        self._post({"MessageSid": "SM3", "SmsStatus": "received", "From": "+551"})
        self.assertEqual(triggers.search_count(mine), 2)

    def test_a_wrong_signature_stores_nothing_and_is_counted(self):
        for signature in ("", "nonsense", None):
            answer = self._post(STATUS, secret="other", signature=signature)
            self.assertEqual(answer.status_code, 403)

        self.assertFalse(self._events())
        self.assertEqual(self._refusals(), {"bad_signature": 3})

    def test_an_archived_account_still_hears_what_people_answer(self):
        self.account.active = False
        stop = {"MessageSid": "SM2", "From": "+5511961234567", "Body": "SAIR"}

        self.assertEqual(self._post(stop).status_code, 204)
        self.assertEqual(self._events().mapped("kind"), ["inbound"])

    def test_an_unknown_account_is_not_found_and_counted(self):
        for path in (
            "/veloc/webhook/twilio/nobody",
            "/veloc/webhook/whatsapp/test-sms",
            "/veloc/webhook/twilio/test-email",
        ):
            self.assertEqual(self._post(STATUS, path).status_code, 404)

        self.assertEqual(self._refusals(), {"unknown_account": 3})

    def test_without_a_secret_nothing_gets_in(self):
        with patch.dict(os.environ, {"VELOC_SECRET_TEST_SMS": ""}):
            self.assertEqual(self._post(STATUS, secret="").status_code, 403)

        self.assertFalse(self._events())

    def test_a_call_signed_for_another_account_is_refused(self):
        answer = self._post(STATUS | {"AccountSid": "AC" + "9" * 32})

        self.assertEqual(answer.status_code, 403)
        self.assertFalse(self._events())

    def test_the_query_is_signed_as_it_was_written(self):
        path = f"{PATH}/abc?b=%2F1&a=x+y%20z&empty="

        self.assertEqual(self._post(STATUS, path).status_code, 204)

    def test_values_are_signed_untrimmed_and_kept(self):
        form = STATUS | {"Body": " olá, tudo bem?\n", "Empty": "", "Emoji": "👍"}

        self.assertEqual(self._post(form).status_code, 204)
        self.assertEqual(self._events().payload, urlencode(form))

    def test_a_status_nobody_knows_is_stored_raw(self):
        self.assertEqual(self._post(STATUS | {"MessageStatus": "odd"}).status_code, 204)

        self.assertEqual(self._events().status, "odd")

    def test_a_json_body_needs_its_hash_in_the_address(self):
        body = '{"a": 1}'
        self.assertEqual(self._post(body=body).status_code, 403)

        digest = hashlib.sha256(body.encode()).hexdigest()
        path = f"{PATH}?bodySHA256={digest}"
        self.assertEqual(self._post(path=path, body=body).status_code, 204)
        self.assertRecordValues(self._events(), [{"kind": "other", "payload": body}])

    def test_a_huge_body_is_refused(self):
        answer = self._post(STATUS | {"Body": "x" * 70_000})

        self.assertEqual(answer.status_code, 413)
        self.assertFalse(self._events())

    def test_a_call_costs_two_queries(self):
        pairs = tuple(STATUS.items())
        signature = twilio_signature.signature_of(SECRET, PUBLIC + PATH, pairs)
        events = self.env["veloc.provider.event"]
        call = {"provider": "twilio", "code": "test-sms", "reference": "abc"}
        call |= {"path": PATH, "pairs": pairs, "body": None}
        call["headers"] = {"x-twilio-signature": signature}
        self.env.ref("veloc_messaging.ir_cron_fold")._trigger()
        events._receive(call)  # what is looked up once per process
        self.env.invalidate_all()

        with self.assertQueryCount(2):  # the account, and the insert
            self.assertEqual(events._receive(call), 204)

    # === SECRETS === #

    def test_while_a_secret_changes_the_previous_one_counts(self):
        with patch.dict(os.environ, {"VELOC_SECRET_TEST_SMS_PREVIOUS": "old"}):
            self.assertEqual(self._post(STATUS, secret="old").status_code, 204)
            self.assertEqual(self._post(STATUS, secret="older").status_code, 403)
        self.assertEqual(self._post(STATUS, secret="old").status_code, 403)

    def test_a_shared_key_signs_with_its_own_hash(self):
        key = "webhooks_sharedkey_01"
        name = f"VELOC_SECRET_TEST_SMS_KEY_{key.upper()}"
        self.startPatcher(patch.dict(os.environ, {name: "shared"}))
        pairs = [*STATUS.items()]

        def post(secret, algorithm, key_id=key, signed_as=None):
            signature = twilio_signature.signature_of(
                secret, PUBLIC + PATH, pairs, signed_as or algorithm
            )
            settings = f"key={key_id},algorithm={algorithm}"
            return self.url_open(
                PATH,
                data=urlencode(pairs),
                headers={
                    "X-Twilio-Signature": signature,
                    "X-Twilio-Webhooks-Signature-Settings": settings,
                    "Content-Type": "application/x-www-form-urlencoded",
                },
                method="POST",
            ).status_code

        self.assertEqual(post("shared", "HMAC_SHA256"), 204)
        self.assertEqual(post("shared", "HMAC_SHA1"), 204)
        self.assertEqual(post(SECRET, "HMAC_SHA1"), 403)  # the key it names, no other
        self.assertEqual(post("shared", "HMAC_SHA256", "unknown"), 403)
        self.assertEqual(post("shared", "HMAC_MD5", signed_as="HMAC_SHA1"), 403)

    # === STRANGE CALLS === #

    def test_a_burst_of_refused_calls_raises_one_alert(self):
        alerts = self.env["veloc.messaging.alert"]
        for _call in range(21):
            self._post(STATUS, secret="wrong")

        alert = alerts.search([("kind", "=", "bad_signatures")])
        self.assertEqual(alert.account_id, self.account)
        refusals = self.env["veloc.webhook.refusal"]
        refusals._close_alerts()
        self.assertFalse(alert.closed_at)
        refusals.search([]).last_at -= timedelta(hours=2)
        refusals._close_alerts()
        self.assertTrue(alert.closed_at)

    def test_behind_a_proxy_the_public_address_counts(self):
        pairs = [*STATUS.items()]
        signature = twilio_signature.signature_of(SECRET, PUBLIC + PATH, pairs)
        answer = self.url_open(
            PATH,
            data=urlencode(pairs),
            headers={
                "X-Twilio-Signature": signature,
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Forwarded-Host": "evil.example.com",
                "X-Forwarded-Proto": "http",
                "Host": "10.0.0.7:8069",
            },
            method="POST",
        )

        self.assertEqual(answer.status_code, 204)

    def test_names_that_come_twice_are_signed_and_kept(self):
        pairs = [*STATUS.items(), ("Media", "b"), ("Media", "a"), ("Media", "a")]
        signature = twilio_signature.signature_of(SECRET, PUBLIC + PATH, pairs)
        answer = self.url_open(
            PATH,
            data=urlencode(pairs),
            headers={
                "X-Twilio-Signature": signature,
                "Content-Type": "application/x-www-form-urlencoded",
            },
            method="POST",
        )

        self.assertEqual(answer.status_code, 204)
        self.assertEqual(self._events().payload, urlencode(pairs))

    def test_other_charsets_and_broken_bytes_break_nothing(self):
        form = STATUS | {"Body": "ação"}
        pairs = [*form.items()]
        signature = twilio_signature.signature_of(SECRET, PUBLIC + PATH, pairs)

        def post(data, charset):
            kind = f"application/x-www-form-urlencoded; charset={charset}"
            headers = {"X-Twilio-Signature": signature, "Content-Type": kind}
            return self.url_open(PATH, data=data, headers=headers, method="POST")

        self.assertEqual(post(urlencode(pairs), "iso-8859-1").status_code, 204)
        self.assertEqual(post(urlencode(pairs), "no-such-set").status_code, 204)
        broken = urlencode(pairs, encoding="latin-1")
        self.assertEqual(post(broken, "utf-8").status_code, 403)
        self.assertEqual(len(self._events()), 1)

    def test_a_body_that_is_no_text_breaks_nothing(self):
        body = b"\xff\x00{\xed\xa0\x80"
        digest = hashlib.sha256(body).hexdigest()

        answer = self._post(path=f"{PATH}?bodySHA256={digest}", body=body)

        self.assertEqual(answer.status_code, 204)
        self.assertEqual(self._events().kind, "other")

    def test_looking_at_the_address_does_nothing(self):
        self.assertEqual(self.url_open(PATH).status_code, 405)

    def test_a_nul_in_the_text_loses_nothing_else(self):
        form = {
            "MessageSid": "SM2",
            "SmsStatus": "received",
            "From": "+5511961234567",
            "Body": "oi\x00!",
            "AccountSid": ACCOUNT_SID,
        }

        self.assertEqual(self._post(form).status_code, 204)
        self.assertEqual(self._events().kind, "inbound")

    def test_from_the_call_to_the_state_of_the_message(self):
        message = self._queue()
        message._move("sending")
        message._move("accepted", provider_ref="SM1")

        self._post(STATUS, f"{PATH}/{message.reference}")
        self.env.ref("veloc_messaging.ir_cron_fold").method_direct_trigger()

        self.assertEqual(message.state, "delivered")
        self.assertEqual(self._events().message_id, message)
