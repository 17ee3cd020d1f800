"""What the door says when the house is full."""

import json
from datetime import timedelta

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..models.person.veloc_merge_perform import MERGE_LOCK
from ..models.spool.veloc_ingest_pressure import LOCK_CLASS
from .common import TraderMixin


@tagged("post_install", "-at_install")
class TestPressure(TraderMixin, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_broker()
        robot = new_test_user(
            cls.env, "press", groups="base.group_user,veloc_crm.group_integration"
        )
        keys = cls.env["res.users.apikeys"].with_user(robot)
        cls.key = keys._generate("rpc", "test", cls.now + timedelta(days=1))
        cls.env["ir.config_parameter"].set_param("veloc_crm.ingest_slots", "1")

    def _send(self, *events, **headers):
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Content-Type": "application/json",
            **headers,
        }
        body = json.dumps({"source": "broker", "events": list(events)})
        return self.url_open("/veloc/api/v1/events", data=body, headers=headers)

    def _hold(self):
        """Take the one slot as another worker would."""
        other = self.registry._db.cursor()
        self.addCleanup(other.close)
        other.execute("SELECT pg_advisory_xact_lock(%s, 0)", [LOCK_CLASS])
        return other

    def test_while_all_slots_are_taken_the_answer_is_503_and_nothing_is_stored(self):
        self._hold()
        response = self._send(self._signup())
        self.assertEqual(response.status_code, 503)
        self.assertEqual(response.json()["error"]["code"], "overloaded")
        self.assertGreater(int(response.headers["Retry-After"]), 0)
        self.assertFalse(self._trader())

    def test_the_same_request_succeeds_once_a_slot_is_free_and_its_key_counts(self):
        other = self._hold()
        event, key = self._signup(), {"Idempotency-Key": "k-1"}
        self.assertEqual(self._send(event, **key).status_code, 503)
        other.close()
        first = self._send(event, **key)
        self.assertEqual((first.status_code, first.json()["accepted"]), (200, 1))
        self.assertEqual(self._send(event, **key).json(), first.json())

    def test_many_connections_that_wait_for_locks_are_pressure_too(self):
        waits = "veloc_crm.ingest_lock_waits"
        self.env["ir.config_parameter"].set_param(waits, "1")
        self.assertEqual(self._send(self._signup()).status_code, 200)

    def test_a_batch_that_waits_too_long_for_a_merge_is_refused_whole(self):
        """503 with Retry-After, nothing stored; the same request then counts once."""
        name = "veloc_crm.ingest_lock_seconds"
        self.env["ir.config_parameter"].set_param(name, "1")
        merging = self.registry._db.cursor()
        self.addCleanup(merging.close)
        merging.execute("SELECT pg_advisory_xact_lock(%s)", [MERGE_LOCK])
        event, key = self._signup(), {"Idempotency-Key": "k-2"}
        with mute_logger("odoo.sql_db"):
            response = self._send(event, **key)
        self.assertEqual(response.status_code, 503)
        self.assertEqual(response.json()["error"]["code"], "overloaded")
        self.assertEqual(response.headers["Retry-After"], "2")
        self.assertFalse(self._trader())
        merging.close()
        self.assertEqual(self._send(event, **key).json()["accepted"], 1)
        self.assertEqual(len(self._trader()), 1)

    def test_the_look_costs_one_query_and_under_a_millisecond(self):
        ingest = self.env["veloc.ingest"]
        ingest._check_pressure()
        self.env.cr.execute("SELECT clock_timestamp()")
        begin = self.env.cr.fetchone()[0]
        with self.assertQueryCount(20):
            for _n in range(20):
                ingest._check_pressure()
        self.env.cr.execute("SELECT clock_timestamp()")
        seconds = (self.env.cr.fetchone()[0] - begin).total_seconds()
        self.assertLess(seconds / 20, 0.01)  # 1 ms alone, ten on a busy machine
