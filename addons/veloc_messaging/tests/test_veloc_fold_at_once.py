from contextlib import contextmanager

from odoo import api, fields
from odoo.sql_db import db_connect
from odoo.tests import tagged

from ..rules import provider_event
from .common import MessagingCase


@tagged("post_install", "-at_install")
class TestVelocFoldAtOnce(MessagingCase):
    """Two folds side by side, each with a connection of its own."""

    def setUp(self):
        super().setUp()
        with self._real_env() as env:
            account = env["veloc.account"].create(
                {"name": "at once", "code": "test-at-once", "account_sid": "AC1"}
            )
            env.flush_all()
            env.cr.execute(
                "INSERT INTO veloc_provider_event (account_id, provider, kind, "
                "event_key, status, provider_ref, state, received_at) "
                "SELECT %s, 'twilio', 'status', 'once' || n, 'sent', 'SMonce' || n, "
                "'received', %s FROM generate_series(1, 10) n RETURNING id",
                [account.id, fields.Datetime.now()],
            )
            self.ids = {row[0] for row in env.cr.fetchall()}
            account_id = account.id
        self.addCleanup(self._clean, account_id)

    @contextmanager
    def _real_env(self):
        with db_connect(self.env.cr.dbname).cursor() as cr:
            yield api.Environment(cr, api.SUPERUSER_ID, {})

    def _clean(self, account_id):
        with self._real_env() as env:
            env.cr.execute(
                "DELETE FROM veloc_provider_event WHERE account_id = %s", [account_id]
            )
            env.cr.execute("DELETE FROM veloc_account WHERE id = %s", [account_id])

    def _claimed(self, env):
        env["veloc.dispatcher"]._read_committed()
        return {receipt.id for receipt, _rest in env["veloc.fold"]._claim()}

    def test_what_one_holds_the_other_neither_takes_nor_waits_for(self):
        with self._real_env() as one, self._real_env() as two:
            self.assertLessEqual(self.ids, self._claimed(one))
            self.assertFalse(self.ids & self._claimed(two))

    def test_what_one_folded_the_other_does_not_fold_again(self):
        with self._real_env() as one, self._real_env() as two:
            self.assertGreaterEqual(one["veloc.fold"]._fold_batch(), 10)
            self.assertEqual(two["veloc.fold"]._fold_batch(), 0)
            one.cr.commit()
            two.cr.commit()
            self.assertFalse(self.ids & self._claimed(two))
            two.cr.execute(
                "SELECT DISTINCT state, error FROM veloc_provider_event "
                "WHERE id = ANY(%s)",
                [list(self.ids)],
            )
            self.assertEqual(two.cr.fetchall(), [("ignored", "unknown_message")])

    def test_a_report_that_comes_while_the_job_runs_wakes_it_again(self):
        """The job took its call with it: who comes after its last look calls anew."""
        cron_id = self.env.ref("veloc_messaging.ir_cron_fold").id
        self.addCleanup(self._forget_calls, cron_id)
        with self._real_env() as job, self._real_env() as webhook:
            self._forget_calls(cron_id)
            self.assertEqual(self._calls_after_report(webhook, cron_id, "one"), 1)
            self.assertEqual(self._calls_after_report(webhook, cron_id, "two"), 1)

            # The job starts, and holds the row of its call until it ends.
            job["ir.cron"]._clear_schedule({"id": cron_id})

            self.assertEqual(self._calls_after_report(webhook, cron_id, "late"), 2)
            self.assertEqual(self._calls_after_report(webhook, cron_id, "later"), 2)
            job.cr.commit()
            self.assertEqual(self._calls_after_report(webhook, cron_id, "last"), 1)

    def _calls_after_report(self, env, cron_id, key):
        account = env["veloc.account"].search([("code", "=", "test-at-once")])
        event = provider_event.Event(provider_event.STATUS, key, status="sent")
        env["veloc.provider.event"]._store(account, [event])
        env.cr.commit()
        return env["ir.cron.trigger"].search_count([("cron_id", "=", cron_id)])

    def _forget_calls(self, cron_id):
        with self._real_env() as env:
            env["ir.cron.trigger"].search([("cron_id", "=", cron_id)]).unlink()
