import os
from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from ..rules import conversation_text, whatsapp_signature
from .common import SECRET
from .push_case import PushCase


@tagged("post_install", "-at_install")
class TestOddRequests(PushCase, HttpCase):
    """What no browser and no provider sends is refused, and nothing breaks."""

    def setUp(self):
        super().setUp()
        self.env["ir.config_parameter"].set_param("veloc.public_url", self.base_url())
        self.env.flush_all()

    def _status(self, path, data=None, headers=None):
        answer = self.url_open(path, data=data, headers=headers)
        return answer.status_code

    def test_a_nul_in_an_address_is_found_nowhere(self):
        for path in (
            "/veloc/l/%00",
            "/veloc/push/%00",
            "/veloc/webhook/whatsapp/%00",
            "/veloc/webhook/%00/x",
        ):
            with self.subTest(path):
                self.assertIn(self._status(path), (404, 405))
        with self.subTest("post"):
            self.assertEqual(self._status("/veloc/webhook/twilio/%00", data=b"x"), 404)

    def test_json_as_deep_as_a_well_is_refused_shortly(self):
        deep = b"[" * 4000
        kind = {"Content-Type": "application/json"}
        self.assertEqual(self._status(self.ana._veloc_push_path(), deep, kind), 400)
        path = "/veloc/webhook/push/test-push/" + "0" * 32 + "?key=x"
        self.assertEqual(self._status(path, b"[" * 1000, kind), 403)

    def test_signed_json_as_deep_as_a_well_is_kept_and_shown(self):
        account = self._account(
            "test-meta",
            "whatsapp",
            provider="whatsapp",
            account_sid="123456",
            waba_id="123456",
        )
        self.env.flush_all()
        body = b'{"object":' + b"[" * 50000
        with patch.dict(os.environ, {"VELOC_SECRET_TEST_META_APP": SECRET}):
            status = self._status(
                f"/veloc/webhook/whatsapp/{account.code}",
                body,
                {
                    "Content-Type": "application/json",
                    "X-Hub-Signature-256": whatsapp_signature.sign(SECRET, body),
                },
            )
        self.assertEqual(status, 200)

    def test_agents_see_no_personal_address_of_any_kind(self):
        for page in ("preferences", "unsubscribe", "l", "o", "push"):
            with self.subTest(page):
                text = f"Veja: https://veloc.example.com/veloc/{page}/SECRET"
                self.assertNotIn("SECRET", conversation_text.shown(text))
                self.assertNotIn("SECRET", conversation_text.preview(text))
