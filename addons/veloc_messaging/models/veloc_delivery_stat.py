import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.veloc_compliance.const import CHANNELS

from .veloc_message import FAILURE_CLASSES

MEASURES = [
    ("queued", "Queued"),
    ("accepted", "Sent"),
    ("delivered", "Delivered"),
    ("read", "Read"),
    ("failed", "Failed"),
    ("rejected", "Refused at once"),
    ("stopped", "Not sent"),
    ("opt_out", "Opt-outs"),
    ("complaint", "Complaints"),
    ("latency", "Time to delivered"),
]
OF_MESSAGES = (
    "queued",
    "accepted",
    "delivered",
    "read",
    "failed",
    "rejected",
    "stopped",
    "latency",
)
# Counts are kept by five minutes for the thresholds, older ones by the hour.
FINE = timedelta(minutes=5)
FINE_DAYS = 3
REPAIR_DAYS = 2
BATCH = 20_000
_logger = logging.getLogger(__name__)

# The one place that says what a message counts as, for the trigger and the repair.
# Steps as in rules/delivery.py.
_FACTS = """
DROP FUNCTION IF EXISTS veloc_delivery_facts;
CREATE FUNCTION veloc_delivery_facts(
    state varchar, failure_class varchar, queued_at timestamp, sending_at timestamp,
    accepted_at timestamp, sent_at timestamp, delivered_at timestamp,
    read_at timestamp, failed_at timestamp, changed_at timestamp
) RETURNS TABLE (bucket timestamp, measure varchar, reason varchar, step int)
LANGUAGE sql STABLE AS $$
    SELECT date_bin('5 minutes', at, TIMESTAMP '2020-01-01'), measure, reason, step
      FROM (VALUES
        (queued_at, 'queued'::varchar, ''::varchar, 0),
        (COALESCE(accepted_at, sent_at, delivered_at, read_at), 'accepted', '', 0),
        (COALESCE(delivered_at, read_at), 'delivered', '', 0),
        (read_at, 'read', '', 0),
        (CASE WHEN state IN ('failed', 'undelivered')
              THEN COALESCE(failed_at, changed_at) END,
         'failed', COALESCE(failure_class, ''), 0),
        (CASE WHEN state IN ('failed', 'undelivered')
               AND COALESCE(accepted_at, sent_at, delivered_at, read_at) IS NULL
              THEN COALESCE(failed_at, changed_at) END, 'rejected', '', 0),
        (CASE WHEN state IN ('blocked', 'expired', 'cancelled')
              THEN changed_at END, 'stopped', COALESCE(failure_class, ''), 0),
        (CASE WHEN sending_at IS NOT NULL THEN delivered_at END, 'latency', '',
         CASE WHEN delivered_at - sending_at <= interval '1 second' THEN 0
              ELSE ceil(round((ln(extract(epoch FROM delivered_at - sending_at))
                   / ln(1.1))::numeric, 9))::int END)
      ) AS f(at, measure, reason, step)
     WHERE at IS NOT NULL
$$
"""
# Messages of one batch mostly have the same stamps: they are added up first, so that
# what they count as is worked out once for all of them (a third of a move's cost).
_COUNT = """
        INSERT INTO veloc_delivery_delta
               (bucket, account_id, channel, company_id, measure, reason, step, count)
        SELECT f.bucket, m.account_id, m.channel, m.company_id,
               f.measure, f.reason, f.step, sum(m.sign)
          FROM (SELECT account_id, channel, COALESCE(company_id, 0) AS company_id,
                       CASE WHEN state IN {ends} THEN state ELSE '' END AS state,
                       failure_class, queued_at, sending_at, accepted_at, sent_at,
                       delivered_at, read_at, failed_at,
                       CASE WHEN state IN {ends} THEN write_date END AS changed_at,
                       sum(sign) AS sign
                  FROM {rows} AS r
                 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
                HAVING sum(sign) <> 0) m
         CROSS JOIN LATERAL veloc_delivery_facts(m.state, m.failure_class,
               m.queued_at, m.sending_at, m.accepted_at, m.sent_at, m.delivered_at,
               m.read_at, m.failed_at, m.changed_at) f
         GROUP BY 1, 2, 3, 4, 5, 6, 7
        HAVING sum(m.sign) <> 0
"""
_ROWS = """SELECT {sign} AS sign, account_id, channel, company_id, state,
    failure_class, queued_at, sending_at, accepted_at, sent_at, delivered_at, read_at,
    failed_at, write_date FROM {table}"""
_ENDS = "('failed', 'undelivered', 'blocked', 'expired', 'cancelled')"
_NEW = _ROWS.format(sign=1, table="new_rows")
_OLD = _ROWS.format(sign=-1, table="old_rows")
# Plans are kept, and the first one is made for few rows: never by sorting.
_TRIGGER = f"""
CREATE OR REPLACE FUNCTION veloc_delivery_count() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        {_COUNT.format(ends=_ENDS, rows=f"({_NEW})")};
    ELSE
        {_COUNT.format(ends=_ENDS, rows=f"({_NEW} UNION ALL {_OLD})")};
    END IF;
    RETURN NULL;
END $$ LANGUAGE plpgsql SET enable_sort = off;
CREATE OR REPLACE TRIGGER veloc_delivery_insert AFTER INSERT ON veloc_message
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION veloc_delivery_count();
CREATE OR REPLACE TRIGGER veloc_delivery_update AFTER UPDATE ON veloc_message
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION veloc_delivery_count()
"""
_COLUMNS = SQL("bucket, account_id, channel, company_id, measure, reason, step")


class VelocDeliveryStat(models.Model):
    """How many messages were queued, sent, delivered, failed: per account and time."""

    _name = "veloc.delivery.stat"
    _description = "Delivery count"
    _log_access = False
    _order = "bucket desc, account_id, measure, id"

    bucket = fields.Datetime("Time", required=True, readonly=True)
    account_id = fields.Many2one("veloc.account", readonly=True, ondelete="cascade")
    channel = fields.Selection(CHANNELS, readonly=True)
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    measure = fields.Selection(MEASURES, required=True, readonly=True)
    reason = fields.Selection(FAILURE_CLASSES, readonly=True)
    step = fields.Integer(
        readonly=True, help="Time to delivered: the step of the geometric scale."
    )
    count = fields.Integer("Messages", required=True, readonly=True)

    _cell_unique = models.UniqueIndex(
        "(bucket, COALESCE(account_id, 0), channel, COALESCE(company_id, 0), measure, "
        "COALESCE(reason, ''), step)"
    )

    def init(self):
        """Let the database count: whatever moves a message, the count follows."""
        self.env.cr.execute(SQL(_FACTS))  # pylint: disable=sql-injection
        self.env.cr.execute(SQL(_TRIGGER))  # pylint: disable=sql-injection
        self._count_what_was_there()

    def _count_what_was_there(self):
        """Count the messages of before this table existed, once."""
        rows = self.env.execute_query(
            SQL(
                "SELECT NOT EXISTS (SELECT FROM veloc_delivery_stat) "
                "AND NOT EXISTS (SELECT FROM veloc_delivery_delta)"
            )
        )
        if rows[0][0]:
            self._repair(fields.Datetime.to_datetime("2020-01-01"))

    @api.depends("bucket", "measure", "account_id")
    def _compute_display_name(self):
        labels = dict(self._fields["measure"]._description_selection(self.env))
        for stat in self:
            stat.display_name = f"{stat.account_id.name} · {labels[stat.measure]}"

    # === CRON === #

    @api.model
    def _cron_fold(self):
        """Add up what changed; any number of copies may run."""
        cron = self.env["ir.cron"]
        self.env["veloc.stock.gate"]._report_back()
        cron._commit_progress()
        while True:
            self.env["veloc.dispatcher"]._read_committed()
            taken = self._fold()
            if not cron._commit_progress(taken) or taken < BATCH:
                return

    @api.model
    def _cron_tidy(self):
        """Count the last days anew, and keep older counts by the hour (nightly)."""
        now = fields.Datetime.now()
        if wrong := self._repair(now - timedelta(days=REPAIR_DAYS), now):
            _logger.warning("Corrected %s delivery counts", wrong)
        self._coarsen(now - timedelta(days=FINE_DAYS))
        self._cron_fold()

    # === COUNTING === #

    @api.model
    def _fold(self):
        """Move changes into the counts, in one statement; return how many."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                WITH taken AS (
                    DELETE FROM veloc_delivery_delta WHERE id IN (
                        SELECT id FROM veloc_delivery_delta ORDER BY id LIMIT %(batch)s
                           FOR UPDATE SKIP LOCKED)
                    RETURNING *
                ), folded AS (
                    INSERT INTO veloc_delivery_stat AS s (%(columns)s, count)
                    SELECT CASE WHEN bucket < %(fine)s
                                THEN date_trunc('hour', bucket) ELSE bucket END,
                           NULLIF(account_id, 0), channel, NULLIF(company_id, 0),
                           measure, NULLIF(reason, ''), step, sum(count)
                      FROM taken GROUP BY 1, 2, 3, 4, 5, 6, 7
                     ORDER BY 1, 2, 3, 4, 5, 6, 7
                    ON CONFLICT (bucket, COALESCE(account_id, 0), channel,
                                 COALESCE(company_id, 0), measure,
                                 COALESCE(reason, ''), step)
                    DO UPDATE SET count = s.count + excluded.count
                )
                SELECT count(*) FROM taken
                """,
                batch=BATCH,
                columns=_COLUMNS,
                fine=fields.Datetime.now() - timedelta(days=FINE_DAYS),
            )
        )
        self.invalidate_model(flush=False)
        return rows[0][0]

    @api.model
    def _repair(self, since, until=None):
        """Correct the counts by what the messages say; return how many were wrong.

        One statement sees one moment: counts, changes under way and messages belong
        together. Right counts are left alone, so it may run at any time.
        """
        self.env["veloc.message"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                WITH truth AS (
                    SELECT f.bucket, m.account_id, m.channel,
                           COALESCE(m.company_id, 0) AS company_id, f.measure, f.reason,
                           f.step, count(*) AS count
                      FROM veloc_message m
                     CROSS JOIN LATERAL veloc_delivery_facts(m.state, m.failure_class,
                           m.queued_at, m.sending_at, m.accepted_at, m.sent_at,
                           m.delivered_at, m.read_at, m.failed_at, m.write_date) f
                     WHERE GREATEST(m.write_date, m.queued_at) >= %(since)s
                       AND f.bucket >= %(since)s
                     GROUP BY 1, 2, 3, 4, 5, 6, 7
                ), counted AS (
                    SELECT bucket, COALESCE(account_id, 0) AS account_id, channel,
                           COALESCE(company_id, 0) AS company_id, measure,
                           COALESCE(reason, '') AS reason, step, sum(count) AS count
                      FROM (SELECT %(columns)s, count FROM veloc_delivery_stat
                            UNION ALL
                            SELECT %(columns)s, count FROM veloc_delivery_delta) c
                     WHERE bucket >= %(since)s AND measure = ANY(%(measures)s)
                     GROUP BY 1, 2, 3, 4, 5, 6, 7
                ), corrected AS (
                    INSERT INTO veloc_delivery_delta (%(columns)s, count)
                    SELECT %(columns)s, COALESCE(t.count, 0) - COALESCE(c.count, 0)
                      FROM truth t FULL JOIN counted c USING (%(columns)s)
                     WHERE COALESCE(t.count, 0) <> COALESCE(c.count, 0)
                    RETURNING 1
                )
                SELECT count(*) FROM corrected
                """,
                since=since.replace(minute=0, second=0, microsecond=0),
                measures=list(OF_MESSAGES),
                columns=_COLUMNS,
            )
        )
        return rows[0][0]

    @api.model
    def _coarsen(self, before):
        """Hand counts of five minutes back as changes of their hour."""
        self.env.cr.execute(
            SQL(
                """
                WITH gone AS (
                    DELETE FROM veloc_delivery_stat
                     WHERE bucket < %(before)s
                       AND (bucket <> date_trunc('hour', bucket) OR count = 0)
                    RETURNING *
                )
                INSERT INTO veloc_delivery_delta (%(columns)s, count)
                SELECT date_trunc('hour', bucket), COALESCE(account_id, 0), channel,
                       COALESCE(company_id, 0), measure, COALESCE(reason, ''), step,
                       count
                  FROM gone WHERE count <> 0
                """,
                before=before.replace(minute=0, second=0, microsecond=0),
                columns=_COLUMNS,
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _live(self):
        """Return SQL of the counts with what was not added up yet: exact at once."""
        return SQL(
            "(SELECT bucket, COALESCE(account_id, 0) AS account_id, channel, "
            "COALESCE(company_id, 0) AS company_id, measure, "
            "COALESCE(reason, '') AS reason, step, count FROM veloc_delivery_stat "
            "UNION ALL SELECT %s, count FROM veloc_delivery_delta)",
            _COLUMNS,
        )
