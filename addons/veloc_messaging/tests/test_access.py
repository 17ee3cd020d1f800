from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import MessagingCase

ENGINE = (
    "veloc.message",
    "veloc.provider.event",
    "veloc.webhook.refusal",
    "veloc.messaging.alert",
)
KEPT_BY_MANAGERS = ("veloc.template", "veloc.style.word", "veloc.account")


@tagged("post_install", "-at_install")
class TestAccess(MessagingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user, cls.manager, cls.nobody = (
            new_test_user(cls.env, f"access_{name}", groups=group)
            for name, group in (
                ("user", "veloc_messaging.group_user"),
                ("manager", "veloc_messaging.group_manager"),
                ("nobody", "base.group_user"),
            )
        )

    def _may(self, user, model, operation):
        return self.env[model].with_user(user).has_access(operation)

    def test_nobody_writes_what_the_engine_writes(self):
        for model in ENGINE:
            for user in (self.user, self.manager, self.env.ref("base.user_admin")):
                for operation in ("create", "write", "unlink"):
                    with self.subTest(model=model, user=user.login, op=operation):
                        self.assertFalse(self._may(user, model, operation))

    def test_users_read_and_managers_keep(self):
        for model in KEPT_BY_MANAGERS:
            with self.subTest(model=model):
                self.assertTrue(self._may(self.user, model, "read"))
                self.assertFalse(self._may(self.user, model, "write"))
                self.assertTrue(self._may(self.manager, model, "write"))

    def test_an_employee_without_a_role_reads_nothing(self):
        for model in ENGINE + KEPT_BY_MANAGERS:
            with self.subTest(model=model):
                self.assertFalse(self._may(self.nobody, model, "read"))

    def test_a_manager_cannot_send_the_secret_to_another_host(self):
        account = self.account.with_user(self.manager)

        with self.assertRaises(AccessError):
            account.write({"base_url": "https://example.org"})
        with self.assertRaises(AccessError):
            account.read(["base_url"])

    def test_an_account_says_where_its_secret_goes_and_where_twilio_calls(self):
        account = self.account.with_user(self.manager)

        self.assertEqual(account.secret_name, "VELOC_SECRET_TEST_SMS")
        self.assertEqual(
            account.webhook_url,
            "https://veloc.example.com/veloc/webhook/twilio/test-sms",
        )

    def test_a_user_opens_a_message_with_its_whole_story(self):
        message = self._queue(self.ana).with_user(self.user)

        self.assertIn("Ana", message.display_name)
        self.assertIn("novidades", str(message.body_shown))
        self.assertEqual(message.verdict_basis, "consent")
        self.assertTrue(message.verdict_at)
        self.assertFalse(message.event_ids)
