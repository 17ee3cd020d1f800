import os
from contextlib import contextmanager

from psycopg2.errors import LockNotAvailable

from odoo import api, models, tools
from odoo.tools import SQL

from ..ir_http import Overloaded

# Advisory locks (this number, slot): held by a batch until its request ends.
LOCK_CLASS = 1_986_552_163
THREADED_SLOTS = 8
LOCK_WAITS = 24
# A caller waits so long for one lock of a merge or of other batches: a proxy gives up
# after a minute, and a batch takes several locks.
LOCK_SECONDS = 10


class VelocIngest(models.AbstractModel):
    """Refuse a batch at the door rather than pile it up behind others."""

    _inherit = "veloc.ingest"

    @api.model
    def _check_pressure(self):
        """Take a slot until the end of this transaction; raise 503 if none is free.

        One query. Also refuses while many connections of this database wait for
        locks: more batches would only make the queue longer.
        """
        slots = self._get_setting("ingest_slots", _default_slots())
        most_waits = self._get_setting("ingest_lock_waits", LOCK_WAITS)
        [(slot, waits)] = self.env.execute_query(
            SQL(
                """
                SELECT (SELECT n FROM generate_series(0, %(slots)s - 1) AS n
                        WHERE pg_try_advisory_xact_lock(
                            %(class)s, (n + %(start)s) %% %(slots)s)
                        LIMIT 1),
                       (SELECT count(*) FROM pg_stat_activity
                        WHERE datname = current_database()
                            AND wait_event_type = 'Lock')
                """,
                slots=max(slots, 1),
                start=os.getpid(),
                **{"class": LOCK_CLASS},
            )
        )
        if slot is None or 0 < most_waits <= waits:
            raise Overloaded

    @contextmanager
    def _in_impatient(self):
        """Yield as ``_in_read_committed`` does; a long wait for a lock is a 503.

        All of the batch or nothing of it is stored, and the caller sends it again:
        better than a request that nobody can tell from a lost one.
        """
        seconds = self._get_setting("ingest_lock_seconds", LOCK_SECONDS)
        try:
            with self._in_read_committed() as ingest:
                timeout = f"{max(seconds, 1)}s"
                ingest.env.cr.execute("SET LOCAL lock_timeout = %s", [timeout])
                yield ingest
        except LockNotAvailable as error:
            raise Overloaded from error

    @api.model
    def _get_setting(self, name, default):
        # sudo: a number that steers the house; the caller does not see it.
        value = self.env["ir.config_parameter"].sudo().get_param(f"veloc_crm.{name}")
        return int(value) if (value or "").isdigit() else default


def _default_slots():
    """Leave one worker of a prefork server to people; threads share one process."""
    workers = tools.config["workers"]
    return max(workers - 1, 2) if workers else THREADED_SLOTS
