import hmac
import os
from pathlib import Path

from odoo import api, fields, models
from odoo.tools import SQL

from ...rules.metrics_text import family, render

VARIABLE = "VELOC_METRICS_TOKEN"
# Queues are counted up to here: an alarm needs no more, and it stays cheap.
MOST = 10_000
# metric → (what it tells, table, which rows: an index of their own holds them)
QUEUES = {
    "enrolments_due": (
        "Cadence enrolments whose time has come",
        "veloc_enrolment",
        "state = 'active' AND next_due <= now() AT TIME ZONE 'UTC'",
    ),
    "provider_events_unfolded": (
        "Provider callbacks stored and not worked off",
        "veloc_provider_event",
        "state = 'received'",
    ),
    "alerts_open": (
        "Alerts nobody has closed",
        "veloc_alert",
        "state IN ('open', 'acknowledged')",
    ),
    "ledger_entries_unsealed": (
        "Ledger entries without a seal, among the latest",
        "veloc_ledger_entry_raw e",
        "e.id > (SELECT coalesce(max(entry_id), 0) - 10000 FROM veloc_ledger_leaf)"
        " AND NOT EXISTS (SELECT FROM veloc_ledger_leaf l WHERE l.entry_id = e.id)",
    ),
}
# metric → (what it tells, table, label, its values, each with rows of its own index)
STATES = {
    "outbox_messages": (
        "Messages on their way out, by state",
        "veloc_message",
        "state",
        ("queued", "sending", "in_doubt"),
    ),
    "dead_rows_waiting": (
        "Refused rows that wait for a decision, by error code",
        "veloc_ingest_reject",
        "code",
        None,
    ),
    "spool_files": (
        "Files in the spool folder that are not read to the end",
        "veloc_spool",
        "state",
        ("waiting", "reading"),
    ),
}


class VelocMetrics(models.AbstractModel):
    """Numbers for Prometheus: no names, no secrets, no scan of a large table."""

    _name = "veloc.metrics"
    _description = "Metrics"

    @api.model
    def _is_allowed(self, token):
        """Return whether this is the token; None if none is set: there is no page."""
        expected = _read_token()
        if not expected:
            return None
        return hmac.compare_digest(expected.encode(), token.encode())

    @api.model
    def _render(self):
        """Return the page."""
        return render(
            [
                *self._ingest(),
                *(self._queue(name) for name in QUEUES),
                *(self._states(name) for name in STATES),
                *self._nightly(),
                *self._sizes(),
            ]
        )

    def _ingest(self):
        totals = self.env["veloc.ingest.tally"]._totals()
        events = [
            ({"road": row["road"], "outcome": outcome}, row[outcome])
            for row in totals
            for outcome in ("accepted", "duplicates", "rejected")
        ]
        return [
            family(
                "veloc_ingest_events_total",
                "counter",
                "Events handed in, by way in and outcome",
                events,
            ),
            family(
                "veloc_ingest_batches_total",
                "counter",
                "Batches worked off, by way in",
                [({"road": row["road"]}, row["batches"]) for row in totals],
            ),
            family(
                "veloc_ingest_seconds_total",
                "counter",
                "Seconds spent on batches, by way in",
                [({"road": row["road"]}, row["seconds"]) for row in totals],
            ),
        ]

    def _queue(self, name):
        text, table, waiting = QUEUES[name]
        count = self._count(SQL(table), SQL(waiting))
        return family(f"veloc_{name}", "gauge", _capped(text), count)

    def _states(self, name):
        text, table, label, values = STATES[name]
        if values is None:
            samples = self._count_dead_rows()
        else:
            samples = [
                (value, self._count(SQL(table), SQL("state = %s", value)))
                for value in values
            ]
        return family(
            f"veloc_{name}",
            "gauge",
            _capped(text),
            [({label: value}, count) for value, count in samples],
        )

    def _count(self, table, waiting):
        [(count,)] = self.env.execute_query(
            SQL(
                "SELECT count(*) FROM (SELECT FROM %s WHERE %s LIMIT %s) AS waiting",
                table,
                waiting,
                MOST,
            )
        )
        return count

    def _count_dead_rows(self):
        return self.env.execute_query(
            SQL(
                "SELECT code, count(*) FROM (SELECT code FROM veloc_ingest_reject"
                " WHERE state = 'waiting' LIMIT %s) AS waiting GROUP BY code",
                MOST,
            )
        )

    def _nightly(self):
        rows = self.env.execute_query(
            SQL(
                "SELECT ended_at, seconds FROM veloc_nightly_run"
                " WHERE ended_at IS NOT NULL ORDER BY id DESC LIMIT 1"
            )
        )
        ended_at, seconds = rows[0] if rows else (None, None)
        age = ended_at and (fields.Datetime.now() - ended_at).total_seconds()
        return [
            family(
                "veloc_nightly_age_seconds",
                "gauge",
                "Time since the last nightly run ended",
                age,
            ),
            family(
                "veloc_nightly_seconds",
                "gauge",
                "Work of the last nightly run",
                seconds,
            ),
        ]

    def _sizes(self):
        """Return how large the large tables are, as the database estimates it."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT coalesce(p.relname, c.relname),
                       sum(greatest(c.reltuples, 0))::int8
                FROM pg_class c
                LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
                LEFT JOIN pg_class p ON p.oid = i.inhparent
                WHERE coalesce(p.relname, c.relname) IN (
                        'veloc_trader', 'veloc_trader_event_raw', 'veloc_message')
                    AND c.relkind = 'r'
                GROUP BY 1 ORDER BY 1
                """
            )
        )
        return [
            family(
                "veloc_rows_estimate",
                "gauge",
                "Rows of large tables, as the planner estimates them",
                [({"table": name}, count) for name, count in rows],
            )
        ]


def _capped(text):
    return f"{text} (counted up to {MOST})"


def _read_token():
    token = os.environ.get(VARIABLE, "").strip()
    path = os.environ.get(f"{VARIABLE}_FILE", "").strip()
    if token or not path:
        return token
    try:
        return Path(path).read_text("utf-8").strip()
    except OSError:
        return ""
