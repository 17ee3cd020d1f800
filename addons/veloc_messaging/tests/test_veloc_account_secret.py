import os
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger

from .common import MessagingCase

TOKEN = "stored-token-1234567890"


@tagged("post_install", "-at_install")
class TestAccountSecret(MessagingCase):
    """Provider credentials may stand in the database, encrypted and write-only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = cls.env["veloc.account"].create(
            {
                "name": "Own",
                "code": "own-secret",
                "provider": "twilio",
                "channel": "sms",
                "account_sid": "AC" + "1" * 32,
                "sender": "29000",
            }
        )
        cls.secret = cls.env["veloc.account.secret"].create(
            {"account_id": cls.own.id, "value": TOKEN}
        )

    def test_a_stored_secret_is_used_where_the_environment_has_none(self):
        self.assertEqual(self.own._secret(), TOKEN)
        self.assertEqual(self.own._secrets().main, TOKEN)
        self.assertTrue(self.own.has_secret)

    def test_the_environment_wins(self):
        with patch.dict(os.environ, {"VELOC_SECRET_OWN_SECRET": "from outside"}):
            self.assertEqual(self.own._secret(), "from outside")
            self.assertEqual(self.own._secrets().main, "from outside")

    def test_further_secrets_have_the_names_the_adapters_know(self):
        self.env["veloc.account.secret"].create(
            [
                {"account_id": self.own.id, "kind": "api_key", "value": "k"},
                {
                    "account_id": self.own.id,
                    "kind": "key",
                    "key_id": "SK123",
                    "value": "named",
                },
            ]
        )
        self.assertEqual(
            self.own._secrets().named, {"api_key": "k", "key_sk123": "named"}
        )

    def test_the_database_holds_no_clear_secret(self):
        self.env.flush_all()
        ((row,),) = self.env.execute_query(
            SQL(
                "SELECT s::text FROM veloc_account_secret s WHERE id=%s", self.secret.id
            )
        )
        self.assertNotIn(TOKEN, row)

    def test_nobody_is_ever_shown_the_secret_again(self):
        admin = self.secret.with_user(self.env.ref("base.user_admin"))
        self.env.invalidate_all()
        self.assertFalse(admin.read(["value"])[0]["value"])
        self.assertFalse(self.secret.value)
        entries = self.env["veloc.ledger.entry"].search(
            [("model", "=", "veloc.account.secret")]
        )
        self.assertTrue(entries)
        self.assertNotIn(TOKEN, str(entries.mapped("public")))

    def test_saving_the_form_without_a_new_secret_keeps_the_old_one(self):
        self.secret.write({"kind": "main", "value": False})
        self.assertEqual(self.own._secret(), TOKEN)
        self.secret.value = "second"
        self.assertEqual(self.own._secret(), "second")

    def test_only_administrators_store_secrets(self):
        manager = new_test_user(
            self.env,
            "secret_manager",
            groups="base.group_user,veloc_messaging.group_manager",
        )
        with (
            self.assertRaises(AccessError),
            mute_logger("odoo.orm.models", "odoo.addons.base.models.ir_model"),
        ):
            self.secret.with_user(manager).read(["kind"])
        with (
            self.assertRaises(AccessError),
            mute_logger("odoo.orm.models", "odoo.addons.base.models.ir_model"),
        ):
            self.own.with_user(manager).write(
                {"secret_ids": [(0, 0, {"kind": "verify", "value": "x"})]}
            )
