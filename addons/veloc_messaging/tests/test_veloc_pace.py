import threading
import time
from datetime import timedelta

from freezegun import freeze_time

from odoo import api, fields
from odoo.sql_db import db_connect
from odoo.tests import tagged

from odoo.addons.veloc_compliance.tests.common import NOON

from .common import MessagingCase


@tagged("post_install", "-at_install")
class TestPace(MessagingCase):
    def _people(self, count):
        return self.env["res.partner"].create(
            [
                self._prepare_person(
                    f"T{n}", f"t{n}@example.com", f"+55 11 97666-45{n:02}"
                )
                for n in range(count)
            ]
        )

    def _run(self, name="veloc_messaging.ir_cron_dispatch_bulk_1"):
        with self.fake_provider() as provider:
            self.run_dispatch_cron(name)
        return len(provider.sent)

    def test_an_account_keeps_its_rate(self):
        self.account.rate = 0.05
        self.account.burst = 4
        with freeze_time(NOON):
            for person in self._people(9):
                self._queue(person)
            self.assertEqual(self._run(), 4)
            self.assertEqual(self._run(), 0)
        with freeze_time(NOON + timedelta(seconds=40)):
            self.assertEqual(self._run(), 2)

    def test_accounts_with_one_sender_share_its_rate(self):
        other = self._account("twin", "sms", sender=self.account.sender)
        (self.account + other).write({"sender_rate": 0.05, "burst": 4})
        with freeze_time(NOON):
            messages = self.env["veloc.message"]
            for person in self._people(8):
                messages += self._queue(person)
            messages[4:].account_id = other
            messages.flush_recordset()

            self.assertEqual(self._run(), 4)

    def test_urgent_messages_find_a_token(self):
        self.account.write({"rate": 0.05, "burst": 4})
        with freeze_time(NOON):
            people = self._people(6)
            for person in people:
                self._queue(person)
            for person in people[:3]:
                self._queue(person, self.urgent)

            self.assertEqual(self._run(), 1)
            self.assertEqual(self._run("veloc_messaging.ir_cron_dispatch_urgent"), 3)

    def test_without_a_rate_nothing_is_locked(self):
        tokens = self.env["veloc.pace"]._lock({self.account.id: 7}, "bulk", NOON)

        self.assertEqual(tokens.limit({self.account.id: 7}), {self.account.id: 7})
        self.assertFalse(tokens.full_at)

    def test_the_next_claim_is_known(self):
        self.account.write({"rate": 0.05, "burst": 4})
        with freeze_time(NOON):
            for person in self._people(6):
                self._queue(person)
            self._run()
            due = self.env["veloc.dispatcher"]._next_due("bulk")

        self.assertEqual(due, NOON + timedelta(seconds=20))


@tagged("post_install", "-at_install")
class TestPaceOfManyWorkers(MessagingCase):
    """Real connections: two workers claim from one bucket at the same time."""

    RATE, BURST, SECONDS = 200.0, 20, 1.0

    def test_the_sum_of_two_workers_never_exceeds_the_rate(self):
        connection = db_connect(self.env.cr.dbname)
        with connection.cursor() as cr:
            account_id = self._make_account(cr)
        try:
            taken, spent = self._race(connection, account_id)
        finally:
            with connection.cursor() as cr:
                cr.execute("DELETE FROM veloc_account WHERE id = %s", [account_id])
                cr.execute(
                    "DELETE FROM veloc_pace WHERE name = %s", [f"account:{account_id}"]
                )
        self.assertTrue(all(taken))  # both got some
        self.assertLessEqual(sum(taken), self.BURST + self.RATE * spent + 1)
        self.assertGreater(sum(taken), self.BURST)

    def _make_account(self, cr):
        env = api.Environment(cr, self.env.uid, {})
        values = {
            "name": "race",
            "code": f"race-{time.time_ns()}",
            "channel": "sms",
            "provider": "sandbox",
            "rate": self.RATE,
            "burst": self.BURST,
        }
        account = env["veloc.account"].create(values)
        account.active = False
        env.flush_all()
        return account.id

    def _race(self, connection, account_id):
        began, taken = time.time(), [0, 0]
        until = began + self.SECONDS

        def work(number):
            while time.time() < until:
                with connection.cursor() as cr:
                    cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
                    env = api.Environment(cr, self.env.uid, {})
                    tokens = env["veloc.pace"]._lock(
                        {account_id: 50}, "urgent", fields.Datetime.now()
                    )
                    count = tokens.limit({account_id: 50}).get(account_id, 0)
                    tokens.spend([account_id] * count)
                taken[number] += count

        threads = [threading.Thread(target=work, args=(n,)) for n in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        return taken, time.time() - began
