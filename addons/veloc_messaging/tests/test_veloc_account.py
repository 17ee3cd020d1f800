import os
import tempfile
from unittest.mock import patch

import psycopg2
from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.veloc_compliance.tests.common import NOON

from ..providers.sandbox import SandboxProvider
from ..providers.twilio import TwilioProvider
from .common import SECRET, MessagingCase


@tagged("post_install", "-at_install")
class TestVelocAccount(MessagingCase):
    def test_the_secret_comes_from_the_environment(self):
        self.assertFalse(self.account.has_secret)

        with patch.dict(os.environ, {"VELOC_SECRET_TEST_SMS": SECRET}):
            self.account.invalidate_recordset()
            self.assertTrue(self.account.has_secret)
            config = self.account._prepare_provider_config()
        self.assertEqual(config.secret, SECRET)

    def test_the_secret_may_stand_in_a_file(self):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(f"{SECRET}\n")
            file.flush()
            with patch.dict(os.environ, {"VELOC_SECRET_TEST_SMS_FILE": file.name}):
                self.assertEqual(self.account._secret(), SECRET)
        with patch.dict(os.environ, {"VELOC_SECRET_TEST_SMS_FILE": "/nowhere"}):
            self.assertEqual(self.account._secret(), "")

    def test_an_account_may_have_more_secrets(self):
        name = "VELOC_SECRET_TEST_SMS"
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(f"{SECRET}\n")
            file.flush()
            values = {
                name: "main",
                f"{name}_PREVIOUS": "old",
                f"{name}_API_KEY_FILE": file.name,
                f"{name}_KEY_WH1": "shared",
                f"{name}_APP": "",
                f"{name}_OTHER": "x",
            }
            with patch.dict(os.environ, values):
                secrets = self.account._secrets()
                config = self.account._prepare_provider_config()

        self.assertEqual(secrets.main, "main")
        self.assertEqual(
            secrets.named, {"previous": "old", "api_key": SECRET, "key_wh1": "shared"}
        )
        self.assertEqual(config.named_secret("api_key"), SECRET)
        for secret in ("main", "old", SECRET, "shared"):
            self.assertNotIn(secret, repr(config) + repr(secrets))

    def test_a_code_cannot_read_the_secrets_of_another(self):
        for code in ("sms-app", "sms-previous", "sms-key-1", "a-api-key", "a-file"):
            with self.subTest(code=code), self.assertRaises(ValidationError):
                self.account.code = code

    def test_no_column_holds_a_secret(self):
        self.env.cr.execute(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_name = 'veloc_account' AND column_name ~ 'secret|token|pass'"
            " AND data_type <> 'boolean'"
        )
        self.assertFalse(self.env.cr.fetchall())

    def test_the_address_of_the_provider_can_be_overridden(self):
        self.account.base_url = "http://one"
        with patch.dict(os.environ, {"VELOC_URL_TEST_SMS": "http://two"}):
            self.assertEqual(
                self.account._prepare_provider_config().base_url, "http://two"
            )
        self.assertEqual(self.account._prepare_provider_config().base_url, "http://one")

    def test_an_adapter_is_kept_until_the_account_changes(self):
        first = self.account._get_provider()
        self.assertIsInstance(first, TwilioProvider)
        self.assertIs(self.account._get_provider(), first)

        self.account.sender = "+5511888888888"

        self.assertIsNot(self.account._get_provider(), first)

    def test_each_provider_has_its_adapter(self):
        push = self._account("test-push", "push", provider="sandbox")

        self.assertIsInstance(push._get_provider(), SandboxProvider)

    def test_a_code_that_cannot_be_in_an_address_is_refused(self):
        for code in ("Sms", "sms br", "sms/1", "-sms", "ção"):
            with self.subTest(code=code), self.assertRaises(ValidationError):
                self.account.code = code

    def test_two_accounts_cannot_share_a_code(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.UniqueViolation),
        ):
            self._account("test-sms", "sms")

    def test_a_provider_serves_its_channels_only(self):
        with self.assertRaises(ValidationError):
            self._account("x", "email", provider="twilio")

    def test_only_managers_pause_and_resume(self):
        agent = new_test_user(
            self.env, login="agent", groups="veloc_messaging.group_user"
        )
        for button in ("action_pause", "action_resume"):
            with self.subTest(button=button), self.assertRaises(AccessError):
                getattr(self.account.with_user(agent), button)()

    def test_the_state_is_not_written_past_the_buttons(self):
        manager = new_test_user(
            self.env, login="manager", groups="veloc_messaging.group_manager"
        )
        account = self.account.with_user(manager)

        account.name = "Renamed"
        with self.assertRaises(AccessError):
            account.state = "paused"
        account.action_pause()
        self.assertEqual(account.state, "paused")
        account.action_resume()
        self.assertRecordValues(account, [{"state": "active", "pause_reason": False}])

    def test_a_longer_rest_is_not_shortened(self):
        with freeze_time(NOON):
            self.account._slow_down(NOON.replace(minute=9))
            self.account._slow_down(NOON.replace(minute=5))
        self.assertEqual(self.account.resume_at.minute, 9)
