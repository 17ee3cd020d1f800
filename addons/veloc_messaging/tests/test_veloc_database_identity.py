from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import new_test_user, tagged

from odoo.addons.veloc_compliance.tests.common import NOON

from ..models.veloc_database_identity import KEY
from .common import MessagingCase


@tagged("post_install", "-at_install")
class TestVelocDatabaseIdentity(MessagingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.parameters = cls.env["ir.config_parameter"]
        cls.parameters.search([("key", "=", KEY)]).unlink()
        cls.manager = new_test_user(
            cls.env, "owner", groups="veloc_messaging.group_manager"
        )

    def _dispatch(self):
        with freeze_time(NOON), self.fake_provider() as provider:
            self.run_dispatch_cron()
        return provider.sent

    def _stored(self):
        self.env.cr.execute(
            "SELECT value FROM ir_config_parameter WHERE key = %s", [KEY]
        )
        return self.env.cr.fetchone()[0]

    def _alert(self):
        return self.env["veloc.messaging.alert"].search(
            [("kind", "=", "database_copy"), ("closed_at", "=", False)]
        )

    def test_the_first_database_that_sends_is_the_real_one(self):
        self._queue()
        self.assertEqual(len(self._dispatch()), 1)
        system, oid = self._stored().split(":")
        self.env.cr.execute(
            "SELECT oid FROM pg_database WHERE datname = current_database()"
        )
        self.assertEqual(int(oid), self.env.cr.fetchone()[0])
        self.assertTrue(system.isdigit())
        self.assertFalse(self._alert())

    def test_a_copy_sends_nothing_and_says_so_once(self):
        self.parameters.set_param(KEY, "7:7")
        message = self._queue()

        for _again in range(2):
            self.assertFalse(self._dispatch())

        self.assertEqual(message.state, "queued")
        self.assertEqual(len(self._alert()), 1)
        self.assertEqual(self._alert().severity, "critical")

    def test_a_manager_says_that_this_is_the_real_one(self):
        self.parameters.set_param(KEY, "7:7")
        self._queue()
        self._dispatch()
        alert = self._alert()
        agent = new_test_user(
            self.env, "copy_agent", groups="veloc_messaging.group_user"
        )
        with self.assertRaises(AccessError):
            alert.with_user(agent).action_real_one()

        self.assertIs(alert.with_user(self.manager).action_real_one(), True)

        self.assertEqual(alert.state, "closed")
        self.assertEqual(len(self._dispatch()), 1)

    def test_another_alert_moves_no_database(self):
        alert = self.env["veloc.messaging.alert"]._raise("other")
        with self.assertRaises(UserError):
            alert.with_user(self.manager).action_real_one()

    def test_a_neutralized_database_sends_nothing(self):
        self.parameters.set_param("database.is_neutralized", "true")
        self._queue()
        self.assertFalse(self._dispatch())
        self.assertFalse(self._alert())

    def test_neutralizing_stops_everything_that_could_leave(self):
        waiting = self._queue()
        in_air = self._queue(self.rui)
        in_air._move("sending")
        text = self.env["sms.sms"].create({"number": "+5511961234567", "body": "x"})
        mail = self.env["mail.mail"].create({"email_to": "ana@example.com"})
        self.account.base_url = "https://api.example.org"
        self.env.flush_all()

        for query in get_neutralization_queries(["veloc_messaging"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.env.registry.clear_all_caches()

        self.assertEqual(waiting.state, "cancelled")
        self.assertRecordValues(
            in_air, [{"state": "failed", "failure_class": "in_doubt"}]
        )
        self.assertEqual((text.state, mail.state), ("canceled", "cancel"))
        accounts = self.env["veloc.account"].with_context(active_test=False).search([])
        self.assertEqual(set(accounts.mapped("state")), {"paused"})
        self.assertEqual(set(accounts.mapped("provider")), {"sandbox"})
        self.assertFalse(any(accounts.mapped("base_url")))
        self.assertFalse(self.parameters.get_param("veloc.public_url"))
