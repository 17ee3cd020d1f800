import threading
import time

from freezegun import freeze_time

from odoo import api
from odoo.sql_db import db_connect
from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

THREADS, EACH = 8, 25


@tagged("post_install", "-at_install")
class TestOneCounterForAllWorkers(TransactionCase):
    """A limit holds for all processes together, on real connections."""

    def setUp(self):
        super().setUp()
        self.limits = self.env["veloc.rate.limit"]
        self.scope = f"test-{time.time_ns()}"
        self.addCleanup(self._clean)

    def _clean(self):
        self.limits._forget(self.scope, "me", "you")

    def _hit(self, key="me", limit=3, seconds=60, amount=1):
        return self.limits._hit(self.scope, key, limit, seconds, amount)

    def test_so_many_are_allowed_and_the_next_must_wait(self):
        with freeze_time("2026-03-11 15:00:00"):
            self.assertEqual([self._hit() for _ in range(4)], [0, 0, 0, 20])

    def test_after_the_wait_it_named_the_next_is_allowed(self):
        with freeze_time("2026-03-11 15:00:00") as clock:
            waits = [self._hit() for _ in range(4)]
            clock.tick(waits[-1])
            self.assertEqual(self._hit(), 0)
            self.assertGreater(self._hit(), 0)

    def test_what_is_refused_does_not_count(self):
        with freeze_time("2026-03-11 15:00:00") as clock:
            for _ in range(50):
                self._hit()
            clock.tick(60)
            self.assertEqual([self._hit() for _ in range(3)], [0, 0, 0])

    def test_asking_does_not_count(self):
        with freeze_time("2026-03-11 15:00:00"):
            for _ in range(10):
                self.limits._peek(self.scope, "me", 3, 60)
            self.assertEqual([self._hit() for _ in range(4)], [0, 0, 0, 20])
            self.assertEqual(self.limits._peek(self.scope, "me", 3, 60), 20)

    def test_others_are_not_held_up(self):
        for _ in range(4):
            self._hit()
        self.assertEqual(self._hit("you"), 0)

    def test_a_hit_may_weigh_as_much_as_several(self):
        with freeze_time("2026-03-11 15:00:00"):
            self.assertEqual(self._hit(limit=100, amount=60), 0)
            self.assertGreater(self._hit(limit=100, amount=60), 0)
            self.assertEqual(self._hit(limit=100, amount=40), 0)

    def test_more_than_the_limit_in_one_go_is_refused_and_not_counted(self):
        self.assertGreater(self._hit(limit=10, amount=11), 0)
        self.assertEqual(self._hit(limit=10, amount=10), 0)

    def test_forgetting_opens_the_door_again(self):
        for _ in range(4):
            self._hit()
        self.limits._forget(self.scope, "me")
        self.assertEqual(self._hit(), 0)

    def test_a_limit_of_none_allows_all(self):
        self.assertFalse(any(self._hit(limit=0) for _ in range(20)))

    def test_eight_workers_at_once_get_exactly_the_limit(self):
        limit, allowed, troubles = 40, [], []
        connection = db_connect(self.env.cr.dbname)

        def work():
            with connection.cursor() as cr:
                limits = api.Environment(cr, 1, {})["veloc.rate.limit"]
                for _ in range(EACH):
                    try:
                        wait = limits._hit(self.scope, "me", limit, 86400)
                    except Exception as error:  # noqa: BLE001 told by the main thread
                        troubles.append(error)
                    else:
                        allowed.append(not wait)

        threads = [threading.Thread(target=work) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertFalse(troubles)
        self.assertEqual(len(allowed), THREADS * EACH)
        self.assertEqual(sum(allowed), limit)

    def test_it_counts_in_a_request_that_may_only_read(self):
        with db_connect(self.env.cr.dbname, readonly=True).cursor() as cr:
            limits = api.Environment(cr, 1, {})["veloc.rate.limit"]
            waits = [limits._hit(self.scope, "me", 2, 3600) for _ in range(3)]
        self.assertEqual([bool(wait) for wait in waits], [False, False, True])

    def test_a_request_that_fails_has_counted_all_the_same(self):
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self._hit(limit=1)
            _ = 1 / 0
        self.assertGreater(self._hit(limit=1), 0)

    def test_whom_it_counts_stands_nowhere_in_clear(self):
        self._hit("ana@example.com")
        with db_connect(self.env.cr.dbname).cursor() as cr:
            cr.execute("SELECT key::text FROM veloc_rate_limit")
            keys = " ".join(row[0] for row in cr.fetchall())
        self.assertNotIn(b"ana@example.com".hex(), keys)
        self.limits._forget(self.scope, "ana@example.com")

    def test_the_table_is_not_in_the_log_of_the_database(self):
        self.env.cr.execute(
            "SELECT relpersistence FROM pg_class WHERE relname = 'veloc_rate_limit'"
        )
        self.assertEqual(self.env.cr.fetchone()[0], "u")

    def test_full_buckets_are_removed(self):
        with freeze_time("2020-01-01"):
            self._hit()
        self.limits._gc_full_buckets()
        self.env.cr.execute(
            SQL("SELECT count(*) FROM veloc_rate_limit WHERE full_at < %s", time.time())
        )
        self.assertEqual(self.env.cr.fetchone()[0], 0)

    def test_a_hit_takes_less_than_a_millisecond_of_processor(self):
        self._hit(limit=10**6)
        began = time.thread_time()
        for _ in range(200):
            self._hit(limit=10**6)
        self.assertLess((time.thread_time() - began) / 200, 0.001)

    def test_a_broken_counter_lets_people_in_and_says_so(self):
        with (
            self.assertLogs("odoo.addons.veloc_compliance", "ERROR"),
            self.assertLogs("odoo.sql_db", "ERROR"),
        ):
            answer = self.limits._on_the_spot(SQL("SELECT 1 / 0"))
        self.assertIsNone(answer)
