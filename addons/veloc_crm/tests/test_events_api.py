"""The HTTP way in: what programs send, and what they get back."""

import json
from datetime import timedelta

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import TraderMixin

URL = "/veloc/api/v1/events"


@tagged("post_install", "-at_install")
class TestEventsApi(TraderMixin, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_broker()
        cls.robot = new_test_user(
            cls.env,
            "test-robot",
            groups="base.group_user,veloc_crm.group_integration",
        )
        cls.key = cls._make_key(cls.robot)

    @classmethod
    def _make_key(cls, user):
        keys = cls.env["res.users.apikeys"].with_user(user)
        return keys._generate("rpc", "test", cls.now + timedelta(days=1))

    def _post(self, body, key=None, **headers):
        if not isinstance(body, str | bytes):
            body = json.dumps(body)
        headers = {
            "Authorization": f"Bearer {key or self.key}",
            "Content-Type": "application/json",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return self.url_open(URL, data=body, headers=headers, timeout=60)

    def _send(self, *events, **headers):
        return self._post({"source": "broker", "events": list(events)}, **headers)

    def _assert_error(self, response, status, code):
        self.assertEqual(response.status_code, status, response.text[:300])
        error = response.json()["error"]
        self.assertEqual(error["code"], code)
        self.assertTrue(error["message"])
        self.assertNotIn("Traceback", response.text)

    def test_a_batch_is_stored_and_answered(self):
        response = self._send(
            self._signup(), self._deposit("12.50"), self._deposit("-1", id="bad")
        )
        self.assertEqual(response.status_code, 200)
        answer = response.json()
        self.assertEqual((answer["accepted"], answer["duplicates"]), (2, 0))
        self.assertEqual(
            answer["rejected"],
            [
                {
                    "index": 2,
                    "id": "bad",
                    "code": "invalid_amount",
                    "message": answer["rejected"][0]["message"],
                }
            ],
        )
        self.assertEqual(self._trader().deposit_total, 12.5)

    def test_each_kind_of_bad_row_is_named_and_the_good_one_kept(self):
        rows = {
            "unknown_trader": self._deposit(trader="nobody"),
            "missing_id": {"type": "login", "trader": "T-1"},
            "invalid_amount": self._deposit("12,50"),
            "missing_amount": self._event("deposit_approved"),
            "future_date": self._event("login", at="2999-01-01T00:00:00Z"),
            "invalid_at": self._event("login", at="yesterday"),
            "invalid_type": self._event("Login!"),
            "invalid_currency": self._deposit(currency="reais"),
        }
        answer = self._send(self._signup(), *rows.values()).json()
        self.assertEqual([row["code"] for row in answer["rejected"]], list(rows))
        self.assertEqual(answer["accepted"], 1)

    def test_an_unknown_type_is_accepted(self):
        answer = self._send(self._signup(), self._event("webinar.joined")).json()
        self.assertEqual(answer, {"accepted": 2, "duplicates": 0, "rejected": []})

    def test_a_repeated_batch_is_all_duplicates(self):
        events = [self._signup(), self._deposit()]
        self._send(*events)
        answer = self._send(*events).json()
        self.assertEqual(answer, {"accepted": 0, "duplicates": 2, "rejected": []})

    @mute_logger("odoo.http")
    def test_malformed_bodies_are_refused(self):
        for body in ("{", "[]", '{"source": NaN}', b"\xff\xfe", "[" * 100_000):
            with self.subTest(body=body[:9]):
                self._assert_error(self._post(body), 400, "malformed_json")

    @mute_logger("odoo.http")
    def test_what_is_no_batch_is_refused(self):
        for body, status, code in (
            ({"events": []}, 422, "invalid_source"),
            ({"source": "broker"}, 422, "invalid_events"),
            ({"source": "b", "events": [1] * 5001}, 413, "too_many_events"),
        ):
            with self.subTest(code=code):
                self._assert_error(self._post(body), status, code)

    @mute_logger("odoo.http")
    def test_a_body_of_20_mb_is_refused_in_words(self):
        self._assert_error(self._post(b" " * 20_000_000), 413, "too_large")

    @mute_logger("odoo.http")
    def test_another_content_type_is_refused(self):
        response = self._post("a=1", Content_Type="application/x-www-form-urlencoded")
        self._assert_error(response, 415, "unsupported_media_type")

    @mute_logger("odoo.http", "odoo.addons.base.models.res_users")
    def test_a_wrong_key_is_refused(self):
        response = self._post({}, key="0" * 40)
        self._assert_error(response, 401, "unauthorized")
        self.assertEqual(response.headers["WWW-Authenticate"], "Bearer")

    @mute_logger("odoo.http")
    def test_no_key_is_refused(self):
        response = self.url_open(URL, data="{}")
        self._assert_error(response, 401, "unauthorized")

    @mute_logger("odoo.http")
    def test_a_user_without_the_right_is_refused(self):
        agent = new_test_user(self.env, "agent", groups="veloc_crm.group_manager")
        response = self._post({}, key=self._make_key(agent))
        self._assert_error(response, 403, "forbidden")

    @mute_logger("odoo.http")
    def test_other_methods_and_addresses_answer_in_the_same_shape(self):
        self._assert_error(self.url_open(URL), 405, "method_not_allowed")
        self._assert_error(self.url_open("/veloc/api/v1/nothing"), 404, "not_found")

    def test_an_idempotency_key_repeats_the_answer(self):
        events = [self._signup(), self._deposit("-1")]
        first = self._send(*events, Idempotency_Key="k-1")
        again = self._send(*events, Idempotency_Key="k-1")
        self.assertEqual(first.json()["accepted"], 1)
        self.assertEqual(again.json(), first.json())

    @mute_logger("odoo.http")
    def test_an_idempotency_key_with_another_body_is_a_conflict(self):
        self._send(self._signup(), Idempotency_Key="k-1")
        response = self._send(self._deposit(), Idempotency_Key="k-1")
        self._assert_error(response, 409, "idempotency_conflict")
        self.assertEqual(self._trader().deposit_count, 0)

    def test_a_refused_request_does_not_use_up_its_key(self):
        self._post("{", Idempotency_Key="k-1")
        answer = self._send(self._signup(), Idempotency_Key="k-1").json()
        self.assertEqual(answer["accepted"], 1)

    def test_health_tells_ages_and_no_secrets(self):
        response = self.url_open("/veloc/health")
        self.assertIn(response.status_code, (200, 503))
        report = response.json()
        self.assertTrue(report["database"]["ok"])
        self.assertEqual(response.status_code == 200, report["status"] == "ok")
        self.assertEqual(
            set(report["age_seconds"]),
            {"cron", "outbox", "provider_events", "enrolments"},
        )
