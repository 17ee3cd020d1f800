from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.tools import SQL

from ...rules import anomaly
from ...rules.br_zones import DEFAULT_ZONE

BUCKET = anomaly.BUCKET_MINUTES * 60
KEEP = timedelta(days=anomaly.LEARNING_DAYS + 5)


class VelocStaffReading(models.Model):
    """How many records each of the staff was shown, per five minutes.

    Added up from the ledger, which keeps every reading; here only numbers stand.
    """

    _name = "veloc.staff.reading"
    _description = "Records read by staff"
    _order = "bucket desc, user_id"
    _log_access = False

    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="cascade"
    )
    bucket = fields.Integer(
        required=True, readonly=True, help="Five minutes, counted from 1970."
    )
    count = fields.Integer("Records", readonly=True)

    _once = models.UniqueIndex("(user_id, bucket)")
    _lately = models.Index("(bucket)")

    # === BUSINESS === #

    @api.model
    def _add_up(self, since):
        """Count anew every bucket that got readings; return the ids of their readers.

        Whole buckets are counted and overwritten: counting twice changes nothing.
        """
        first = datetime.fromtimestamp(_bucket(since) * BUCKET, UTC).replace(
            tzinfo=None
        )
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO veloc_staff_reading AS r (user_id, bucket, count)
                SELECT e.user_id, floor(extract(epoch FROM e.at) / %(bucket)s)::int,
                    sum(COALESCE((e.public::json ->> 'count')::int, 1))
                  FROM veloc_ledger_entry_raw e JOIN res_users u ON u.id = e.user_id
                 WHERE e.at >= %(first)s AND e.kind IN ('read', 'report', 'export')
                   AND NOT u.share
                 GROUP BY 1, 2
                ON CONFLICT (user_id, bucket) DO UPDATE SET count = excluded.count
                WHERE r.count <> excluded.count
                RETURNING user_id
                """,
                bucket=BUCKET,
                first=first,
            )
        )
        return sorted({user_id for (user_id,) in rows})

    @api.model
    def _recent(self, user_ids, since):
        """Return {user id: {bucket: count}} of what a judgement needs."""
        rows = self.env.execute_query(
            SQL(
                "SELECT user_id, bucket, count FROM veloc_staff_reading "
                "WHERE user_id = ANY(%s) AND bucket > %s",
                list(user_ids),
                _bucket(since) - anomaly.LONGEST,
            )
        )
        recent = {}
        for user_id, bucket, count in rows:
            recent.setdefault(user_id, {})[bucket] = count
        return recent

    @api.model
    def _of_day(self, day, zone):
        """Return {user id: {bucket: count}} of one local day."""
        start = datetime(day.year, day.month, day.day, tzinfo=zone)
        first = int(start.timestamp()) // BUCKET
        last = int((start + timedelta(days=1)).timestamp()) // BUCKET
        rows = self.env.execute_query(
            SQL(
                "SELECT user_id, bucket, count FROM veloc_staff_reading "
                "WHERE bucket >= %s AND bucket < %s",
                first,
                last,
            )
        )
        found = {}
        for user_id, bucket, count in rows:
            found.setdefault(user_id, {})[bucket] = count
        return found

    @api.model
    def _zone(self):
        """Return the zone in which the house works."""
        return ZoneInfo(self.env.company.partner_id.tz or DEFAULT_ZONE)

    @api.autovacuum
    def _gc_old(self):
        """Forget what no judgement looks at any more; the ledger keeps the readings."""
        limit = _bucket(fields.Datetime.now() - KEEP)
        self.env.cr.execute(
            SQL("DELETE FROM veloc_staff_reading WHERE bucket < %s", limit)
        )


def _bucket(moment):
    """Return the number of the five minutes that a naive UTC moment lies in."""
    return int(moment.replace(tzinfo=UTC).timestamp()) // BUCKET
