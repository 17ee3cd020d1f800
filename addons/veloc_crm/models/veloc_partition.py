"""Monthly partitions of the raw tables: made ahead, and for the past when it comes.

New rows never wait for a partition: what has none lands in the DEFAULT one and is
moved by the job. Making a partition locks the whole table, so it never happens inside
the transaction of somebody who has already locked other things.
"""

import logging
from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

MONTHS_AHEAD = 3
# Rows that are updated in place need room on their page.
FILLFACTOR = {"veloc_trader_day_raw": 80}


class VelocPartition(models.AbstractModel):
    """Inherit and extend ``_get_tables`` to have another table looked after."""

    _name = "veloc.partition"
    _description = "Monthly Partitions"

    @api.model
    def _get_tables(self):
        """Return ``{table: time column}`` of the partitioned tables."""
        return {
            "veloc_trader_event_raw": "at",
            "veloc_decision_raw": "at",
            "veloc_trader_day_raw": "day",
        }

    @api.model
    def _cron_make_partitions(self):
        """Make the coming months, and those that DEFAULT already holds rows of."""
        cron = self.env["ir.cron"]
        for table, column in self._get_tables().items():
            for month in self._find_missing_months(table, column):
                self._make_month(table, column, month)
                cron._commit_progress(1)

    @api.model
    def _set_up(self, table, column, append_only=True):
        """Make the DEFAULT partition of a table and those of the coming months."""
        self._ensure_default(table)
        for month in self._find_missing_months(table, column):
            self._make_month(table, column, month)
        if append_only:
            self._refuse_changes(table)

    @api.model
    def _refuse_changes(self, table):
        """Hold in the database that rows are only ever added."""
        self.env.cr.execute(
            SQL(
                """
                CREATE OR REPLACE TRIGGER veloc_no_change BEFORE UPDATE OR DELETE
                    ON %(table)s FOR EACH ROW EXECUTE FUNCTION veloc_refuse_change();
                CREATE OR REPLACE TRIGGER veloc_no_truncate BEFORE TRUNCATE
                    ON %(table)s EXECUTE FUNCTION veloc_refuse_change()
                """,
                table=SQL.identifier(table),
            )
        )

    @api.model
    def _find_missing_months(self, table, column):
        first = fields.Date.today().replace(day=1)
        months = {first + relativedelta(months=n) for n in range(MONTHS_AHEAD + 1)}
        months |= self._find_stray_months(table, column)
        return sorted(months - self._find_months(table))

    @api.model
    def _ensure_default(self, table):
        """Make the DEFAULT partition of a new table."""
        self.env.cr.execute(
            SQL(
                "CREATE TABLE IF NOT EXISTS %s PARTITION OF %s DEFAULT",
                SQL.identifier(f"{table}_default"),
                SQL.identifier(table),
            )
        )

    @api.model
    def _find_months(self, table):
        """Return the first days of the months that have a partition."""
        rows = self.env.execute_query(
            SQL(
                "SELECT c.relname FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid"
                " WHERE inhparent = %s::regclass AND c.relname ~ '_[0-9]{6}$'",
                table,
            )
        )
        return {date(int(name[-6:-2]), int(name[-2:]), 1) for (name,) in rows}

    @api.model
    def _find_stray_months(self, table, column):
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT date_trunc('month', %s)::date FROM %s",
                SQL.identifier(column),
                SQL.identifier(f"{table}_default"),
            )
        )
        return {month for (month,) in rows}

    @api.model
    def _make_month(self, table, column, month):
        """Make one month's partition and move its rows out of DEFAULT."""
        name = SQL.identifier(f"{table}_{month:%Y%m}")
        default = SQL.identifier(f"{table}_default")
        column = SQL.identifier(column)
        start, stop = month, month + relativedelta(months=1)
        parent = SQL.identifier(table)
        for statement in (
            SQL("LOCK TABLE %s IN ACCESS EXCLUSIVE MODE", parent),
            SQL("CREATE TABLE %s (LIKE %s INCLUDING ALL)", name, parent),
            SQL(
                "ALTER TABLE %s SET (fillfactor = %s)", name, FILLFACTOR.get(table, 100)
            ),
            # Rows change their place, not their content; nobody else is in here.
            SQL("ALTER TABLE %s DISABLE TRIGGER USER", default),
            SQL(
                "WITH gone AS (DELETE FROM %s WHERE %s >= %s AND %s < %s RETURNING *)"
                " INSERT INTO %s SELECT * FROM gone",
                default,
                column,
                start,
                column,
                stop,
                name,
            ),
            SQL("ALTER TABLE %s ENABLE TRIGGER USER", default),
            SQL(
                "ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%s) TO (%s)",
                parent,
                name,
                start,
                stop,
            ),
        ):
            self.env.cr.execute(statement)
        _logger.info("partition %s_%s made", table, month.strftime("%Y%m"))
