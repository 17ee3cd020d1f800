import os

from odoo import api, models, tools
from odoo.tools import SQL

from ..ir_http import Overloaded

# Advisory locks (this number, slot): held by a batch until its request ends.
LOCK_CLASS = 1_986_552_163
THREADED_SLOTS = 8
LOCK_WAITS = 24


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

    @api.model
    def _get_setting(self, name, default):
        # sudo: a number that steers the house; the caller does not see it.
        value = self.env["ir.config_parameter"].sudo().get_param(f"veloc_crm.{name}")
        return int(value) if (value or "").isdigit() else default


def _default_slots():
    """Leave one worker of a prefork server to people; threads share one process."""
    workers = tools.config["workers"]
    return max(workers - 1, 2) if workers else THREADED_SLOTS
