from contextlib import contextmanager

from odoo import api, fields
from odoo.sql_db import db_connect
from odoo.tests import tagged

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
