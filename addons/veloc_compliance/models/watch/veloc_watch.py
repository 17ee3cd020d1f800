import logging
import time
from datetime import timedelta

from psycopg2 import extensions

from odoo import api, fields, models
from odoo.tools import SQL

from ...rules.finding import LIVE, Finding, fold

_logger = logging.getLogger(__name__)

# What happened before a rule's first look, and still counts.
FIRST_LOOK = timedelta(days=1)
# Clocks of servers differ; what is seen twice is raised once.
MARGIN = timedelta(minutes=1)
# A transaction that has been open for longer does not hold the marks back.
LONGEST_WAIT = timedelta(hours=6)
SLACK = timedelta(seconds=30)
MOST_ALERTS = 50
STATEMENT_SECONDS = 10
SLOW_SECONDS = 5


class VelocWatch(models.AbstractModel):
    """Looks each minute at what changed, rule by rule, and raises alerts.

    A rule ``code`` is the method ``_check_<code>(rule, since)``: it returns findings.
    ``since`` is the moment up to which everything was seen; rows that a slow
    transaction writes with an older time are not missed: the mark waits for it.
    """

    _name = "veloc.watch"
    _description = "Watch"

    # === THE ROUND === #

    @api.model
    def _cron_watch(self):
        """Look once with every rule that is due."""
        self._read_committed()
        self._round(fields.Datetime.now())
        self.env["ir.cron"]._commit_progress(1)

    @api.model
    def _round(self, now):
        """Evaluate the due rules; one that fails or dawdles stops no other."""
        watch = self.with_context(lang=self._house_lang())
        due = watch._claim(now)
        if not due:
            return
        until = now - watch._oldest_transaction() - MARGIN
        live = watch._live_keys()
        outcome = []
        for rule, seen_until, failures in due:
            since = seen_until or now - FIRST_LOOK
            began = time.monotonic()
            error = watch._look_safely(rule, since, live.get(rule.code, {}))
            seconds = time.monotonic() - began
            watch._report(rule, error, seconds, failures)
            seen = seen_until if error else max(until, since)
            outcome.append(
                (rule.id, seen, seconds, failures + 1 if error else 0, error)
            )
        watch._write_marks(outcome)

    def _house_lang(self):
        """Return the language in which findings are written down: the company's."""
        return self.env.company.partner_id.lang or self.env.lang

    def _claim(self, now):
        """Return [(rule, seen until, failures)] of the rules this server looks at."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE veloc_watch_mark m SET looked_at = %(now)s
                 WHERE m.id IN (
                    SELECT m.id FROM veloc_watch_mark m
                      JOIN veloc_alert_rule r ON r.id = m.rule_id AND r.active
                       AND r.how <> 'told'
                     WHERE m.looked_at IS NULL
                        OR m.looked_at <= %(soon)s - r.every * interval '1 minute'
                     FOR UPDATE OF m SKIP LOCKED)
                RETURNING m.rule_id, m.seen_until, COALESCE(m.failures, 0)
                """,
                now=now,
                soon=now + SLACK,
            )
        )
        marks = {rule_id: rest for rule_id, *rest in rows}
        rules = self.env["veloc.alert.rule"].search([("id", "in", list(marks))])
        return [(rule, *marks[rule.id]) for rule in rules]

    def _oldest_transaction(self):
        """Return how long the oldest transaction of this database has been open.

        What it writes will carry the time of its beginning: the marks wait for it.
        """
        ((seconds,),) = self.env.execute_query(
            SQL(
                """
                SELECT EXTRACT(EPOCH FROM clock_timestamp() - min(xact_start))
                  FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()
                   AND xact_start IS NOT NULL AND backend_type = 'client backend'
                """
            )
        )
        return min(timedelta(seconds=max(float(seconds or 0), 0)), LONGEST_WAIT)

    def _live_keys(self):
        """Return {code: {key: alert id}} of all alerts that are not over; one query."""
        live = {}
        for alert in self.env["veloc.alert"].search_fetch(
            [("state", "in", LIVE)], ["code", "key"]
        ):
            live.setdefault(alert.code, {})[alert.key or ""] = alert.id
        return live

    def _write_marks(self, outcome):
        self.env.execute_query(
            SQL(
                """
                UPDATE veloc_watch_mark m SET seen_until = o.seen, seconds = o.seconds,
                    failures = o.failures, error = o.error
                FROM (VALUES %s) AS o(rule_id, seen, seconds, failures, error)
                WHERE m.rule_id = o.rule_id RETURNING m.id
                """,
                SQL(", ").join(
                    SQL("(%s, %s::timestamp, %s, %s, %s::varchar)", *row)
                    for row in outcome
                ),
            )
        )
        self.env["veloc.watch.mark"].invalidate_model()

    # === ONE RULE === #

    def _look_safely(self, rule, since, live):
        """Look with one rule; return what went wrong, or None."""
        try:
            with self.env.cr.savepoint():
                self.env.cr.execute(
                    SQL("SET LOCAL statement_timeout = %s", STATEMENT_SECONDS * 1000)
                )
                self._settle(rule, self._look(rule, since), live)
        except Exception as error:
            _logger.exception("Rule %s failed", rule.code)
            return type(error).__name__
        return None

    def _look(self, rule, since):
        """Return what this rule finds now."""
        return getattr(self, f"_check_{rule.code}")(rule, since)

    def _settle(self, rule, findings, live):
        """Raise what was found, and close what a state rule no longer finds."""
        alerts = self.env["veloc.alert"]
        kept, more = fold(list(findings), MOST_ALERTS)
        if more:
            text = self.env._("And %(count)s more of the same.", count=more)
            kept.append(Finding("more", text, at=fields.Datetime.now()))
        if kept:
            alerts._raise_many(rule.code, kept)
        if rule.is_state:
            gone = live.keys() - {found.key for found in kept}
            alerts.browse(live[key] for key in gone)._close(
                "resolved", self.env._("The cause is gone."), by_itself=True
            )

    def _report(self, rule, error, seconds, failures):
        """A rule that fails or is slow is a trouble itself: it no longer watches."""
        alerts = self.env["veloc.alert"]
        if error:
            alerts._raise("rule_failed", rule.code, f"{rule.name}: {error}")
        elif failures:
            alerts._clear("rule_failed", rule.code)
        if seconds > SLOW_SECONDS:
            text = self.env._(
                "%(rule)s took %(seconds)s s", rule=rule.name, seconds=round(seconds)
            )
            alerts._raise("rule_slow", rule.code, text)

    def _read_committed(self):
        """See the newest rows, and wait for a lock instead of failing on it.

        Only the first statement of a transaction may say so. (In a test the
        transaction has always begun.)
        """
        cr = self.env.cr
        if cr._cnx.get_transaction_status() == extensions.TRANSACTION_STATUS_IDLE:
            cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
