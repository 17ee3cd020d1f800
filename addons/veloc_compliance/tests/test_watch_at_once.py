from contextlib import contextmanager, suppress
from datetime import timedelta
from threading import Barrier, Thread

import psycopg2

from odoo import SUPERUSER_ID, api, fields
from odoo.sql_db import db_connect
from odoo.tests import TransactionCase, tagged

CODE = "two_servers_test"


@tagged("post_install", "-at_install")
class TestWatchAtOnce(TransactionCase):
    """Two servers at once: one alert, one escalation per level, one look per minute."""

    def setUp(self):
        super().setUp()
        self.addCleanup(self._clean)

    @contextmanager
    def _server(self):
        """Work as another server does: a connection and a transaction of its own."""
        with db_connect(self.env.cr.dbname).cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["veloc.watch"]._read_committed()
            yield env

    def _clean(self):
        with self._server() as env:
            alerts = env["veloc.alert"].search([("code", "=", CODE)])
            alerts.activity_ids.unlink()
            env["mail.mail"].search([("subject", "ilike", CODE)]).unlink()
            alerts.unlink()

    def _at_once(self, work, servers=4):
        """Let several servers do the same thing at the same moment."""
        barrier, failures = Barrier(servers), []

        def run():
            try:
                with self._server() as env:
                    barrier.wait(10)
                    work(env)
                    env.flush_all()
                    env.cr.commit()
            except Exception as error:  # noqa: BLE001  # handed to the test
                failures.append(error)

        threads = [Thread(target=run) for _ in range(servers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        self.assertFalse(failures)

    def _alerts(self, env):
        return env["veloc.alert"].search([("code", "=", CODE)])

    def test_four_servers_raise_one_alert_and_tell_its_level_once(self):
        self._at_once(lambda env: env["veloc.alert"]._raise(CODE, severity="critical"))
        with self._server() as env:
            alert = self._alerts(env)
            self.assertEqual(len(alert), 1)
            self.assertEqual(len(alert.step_ids), 1)
            told = alert.step_ids.user_ids
            self.assertEqual(len(alert.activity_ids), len(told))

    def test_four_servers_escalate_once(self):
        with self._server() as env:
            env["veloc.alert"]._raise(CODE, severity="critical")
            env.flush_all()
            env.cr.commit()
        later = fields.Datetime.now() + timedelta(minutes=31)
        self._at_once(lambda env: self._alerts(env)._climb(later))
        with self._server() as env:
            self.assertEqual(
                self._alerts(env).step_ids.sorted("id").mapped("level_number"), [1, 2]
            )

    def test_a_server_that_dies_between_telling_and_committing_told_nobody(self):
        # The connection is gone when the cursor wants to commit.
        with suppress(psycopg2.OperationalError), self._server() as env:
            env["veloc.alert"]._raise(CODE, severity="critical")
            env.flush_all()
            env.cr.execute("SELECT pg_backend_pid()")
            (pid,) = env.cr.fetchone()
            with self._server() as other:
                # As a kill -9 ends it for the database: nothing was committed.
                other.cr.execute("SELECT pg_terminate_backend(%s)", [pid])
        with self._server() as env:
            self.assertFalse(self._alerts(env))
            self.assertTrue(env["veloc.alert"]._raise(CODE).step_ids)

    def test_what_one_server_claims_the_other_leaves_alone(self):
        now = fields.Datetime.now() + timedelta(days=400)
        with self._server() as one, self._server() as two:
            claimed = {rule.id for rule, *_rest in one["veloc.watch"]._claim(now)}
            self.assertTrue(claimed)
            seen = {rule.id for rule, *_rest in two["veloc.watch"]._claim(now)}
            self.assertFalse(claimed & seen)
            one.cr.rollback()
            two.cr.rollback()

    def test_the_marks_wait_for_a_transaction_that_is_still_open(self):
        with self._server() as slow:
            slow.cr.execute("SELECT 1, pg_sleep(1.2)")
            age = self.env["veloc.watch"]._oldest_transaction()
            self.assertGreaterEqual(age, timedelta(seconds=1))
