from datetime import timedelta

import psycopg2
from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.veloc_compliance.tests.common import NOON

from .common import MessagingCase


@tagged("post_install", "-at_install")
class TestVelocMessagingAlert(MessagingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alerts = cls.env["veloc.messaging.alert"]
        cls.manager = new_test_user(
            cls.env, login="chief", groups="veloc_messaging.group_manager"
        )
        cls.agent = new_test_user(
            cls.env, login="agent", groups="veloc_messaging.group_user"
        )

    def test_one_trouble_has_one_open_alert(self):
        first = self.alerts._raise("account_paused", self.account, detail="20003")
        again = self.alerts._raise("account_paused", self.account, detail="20003")

        self.assertEqual(first, again)
        others = (
            self.alerts._raise("account_paused"),
            self.alerts._raise("account_paused", self.account, key="x"),
            self.alerts._raise("queue_stuck", self.account),
        )
        self.assertEqual(len({first, *others}), 4)

    def test_the_database_itself_refuses_a_second_one(self):
        alert = self.alerts._raise("queue_stuck", self.account)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.UniqueViolation),
        ):
            alert.copy()

    def test_an_alert_closes_with_its_time_and_opens_anew(self):
        with freeze_time(NOON):
            alert = self.alerts._raise("queue_stuck", self.account)
        with freeze_time(NOON + timedelta(minutes=9)):
            self.assertEqual(self.alerts._clear("queue_stuck", self.account), alert)
        self.assertRecordValues(
            alert,
            [
                {
                    "state": "closed",
                    "opened_at": NOON,
                    "closed_at": NOON + timedelta(minutes=9),
                }
            ],
        )

        self.assertFalse(self.alerts._clear("queue_stuck", self.account))
        self.assertNotEqual(self.alerts._raise("queue_stuck", self.account), alert)

    def test_managers_are_told_once_and_left_alone_when_it_is_over(self):
        for _again in range(2):
            alert = self.alerts._raise("failures", self.account, "critical", "37 %")

        mine = alert.activity_ids.filtered(lambda a: a.user_id == self.manager)
        self.assertEqual(len(mine), 1)
        self.assertNotIn(self.agent, alert.activity_ids.user_id)
        self.env.cr.precommit.run()
        self.env.cr.execute(
            "SELECT count(*) FROM bus_bus WHERE message LIKE %s",
            ["%simple_notification%37 [%]%".replace("[%]", "\\%")],
        )
        self.assertGreaterEqual(self.env.cr.fetchone()[0], 1)

        self.alerts._clear("failures", self.account)
        self.assertFalse(alert.activity_ids)

    def test_managers_of_another_company_are_not_told(self):
        company = self.env["res.company"].create({"name": "Other broker"})
        self.account.company_id = company

        alert = self.alerts._raise("failures", self.account)

        self.assertEqual(alert.company_id, company)
        self.assertNotIn(self.manager, alert.activity_ids.user_id)
        with self.assertRaises(AccessError):
            alert.with_user(self.manager).action_acknowledge()

    def test_a_manager_takes_it_and_an_agent_only_reads(self):
        alert = self.alerts._raise("failures", self.account)
        for button in ("action_acknowledge", "action_close"):
            with self.subTest(button=button), self.assertRaises(AccessError):
                getattr(alert.with_user(self.agent), button)()
        self.assertEqual(alert.with_user(self.agent).kind, "failures")

        with freeze_time(NOON):
            self.assertIs(alert.with_user(self.manager).action_acknowledge(), True)
        self.assertRecordValues(
            alert,
            [
                {
                    "state": "acknowledged",
                    "acknowledged_at": NOON,
                    "acknowledged_by_id": self.manager.id,
                }
            ],
        )
        alert.with_user(self.manager).action_close()
        self.assertEqual(alert.state, "closed")

    def test_an_unknown_kind_does_not_stop_the_sender(self):
        with self.assertLogs("odoo.addons.veloc_messaging", "ERROR"):
            alert = self.alerts._raise("no_such_thing", self.account, key="k")

        self.assertRecordValues(alert, [{"kind": "other", "key": "no_such_thing:k"}])
