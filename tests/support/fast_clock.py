"""Waiting times pass at once: for tests of what happens after many of them."""

import threading
from contextlib import suppress

import psycopg2

DUE = """
UPDATE veloc_account SET resume_at = NULL WHERE id IN (
    SELECT id FROM veloc_account WHERE resume_at IS NOT NULL
    FOR NO KEY UPDATE SKIP LOCKED);
UPDATE veloc_message SET next_attempt_at = now() AT TIME ZONE 'UTC' WHERE id IN (
    SELECT id FROM veloc_message
    WHERE state = 'queued' AND next_attempt_at > now() AT TIME ZONE 'UTC'
    FOR NO KEY UPDATE SKIP LOCKED);
UPDATE veloc_message SET settled_at = NULL WHERE id IN (
    SELECT id FROM veloc_message WHERE state = 'in_doubt' AND settled_at IS NOT NULL
    FOR NO KEY UPDATE SKIP LOCKED);
UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' WHERE id IN (
    SELECT id FROM ir_cron WHERE cron_name ILIKE ANY(%s) AND active
    FOR NO KEY UPDATE SKIP LOCKED);
"""
WAKE = "SELECT pg_notify('cron_trigger', %s)"
JOBS = ["Veloc: send%", "Dispatch%", "Veloc: settle%", "Veloc: fold%"]


class FastClock:
    """Inside the block whatever waits for a time is due, and the jobs are awake."""

    def __init__(self, database, interval=0.5):
        self.database = database
        self.interval = interval
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exc_info):
        self._end.set()
        self._thread.join(10)

    def is_alive(self):
        """Return whether the clock still runs."""
        return self._thread.is_alive()

    def _run(self):
        work, wake = self.database.connect(), self.database.connect("postgres")
        wake.autocommit = True
        with work.cursor() as due, wake.cursor() as notify:
            while not self._end.wait(self.interval):
                # A row that moved meanwhile is due the next time.
                with suppress(psycopg2.errors.SerializationFailure):
                    due.execute(DUE, (JOBS,))
                work.commit()
                notify.execute(WAKE, (self.database.name,))
        work.close()
        wake.close()
