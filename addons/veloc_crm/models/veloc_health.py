"""Is the house in order: may traffic come, and does work get done in time."""

import time

from odoo import api, fields, models
from odoo.tools import SQL

STARTED = time.monotonic()
# Seconds that work may lie before we say that nobody does it.
LIMITS = {"cron": 1800, "outbox": 1800, "provider_events": 1800, "enrolments": 1800}
# queue → (model, column of the time since which a row is due, which rows wait)
QUEUES = {
    "outbox": ("veloc.message", "next_attempt_at", "state = 'queued'"),
    "provider_events": ("veloc.provider.event", "received_at", "state = 'received'"),
    "enrolments": ("veloc.enrolment", "next_due", "state = 'active'"),
}


class VelocHealth(models.AbstractModel):
    """Ages only: no names, no counts, no secrets."""

    _name = "veloc.health"
    _description = "Health"

    @api.model
    def _examine(self):
        """Return ``(is_well, report)``; a server just started may catch up first."""
        began = time.monotonic()
        self.env.cr.execute("SELECT 1")
        latency = time.monotonic() - began
        uptime = time.monotonic() - STARTED
        now = fields.Datetime.now()
        ages = {"cron": self._find_cron_lag(now)}
        ages |= {queue: self._find_queue_age(queue, now) for queue in QUEUES}
        late = sorted(
            name for name, age in ages.items() if min(age, uptime) > LIMITS[name]
        )
        report = {
            "status": "late" if late else "ok",
            "database": {"ok": True, "latency_ms": round(latency * 1000, 2)},
            "age_seconds": {name: round(age) for name, age in ages.items()},
            "late": late,
        }
        return not late, report

    @api.model
    def _find_cron_lag(self, now):
        """Return for how many seconds our most overdue job has been waiting."""
        rows = self.env.execute_query(
            SQL(
                "SELECT min(c.nextcall) FROM ir_cron c JOIN ir_model_data d"
                " ON d.model = 'ir.cron' AND d.res_id = c.id"
                " WHERE c.active AND d.module LIKE 'veloc\\_%%'"
            )
        )
        return _age(rows[0][0], now)

    @api.model
    def _find_queue_age(self, queue, now):
        """Return for how many seconds the oldest due row has been waiting."""
        model, column, waiting = QUEUES[queue]
        if model not in self.env:
            return 0
        column = SQL.identifier(column)
        rows = self.env.execute_query(
            SQL(
                "SELECT min(%s) FROM %s WHERE %s AND %s <= %s",
                column,
                SQL.identifier(self.env[model]._table),
                SQL(waiting),
                column,
                now,
            )
        )
        return _age(rows[0][0], now)


def _age(since, now):
    return max((now - since).total_seconds(), 0) if since else 0
