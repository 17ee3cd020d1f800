import base64
import logging
import os
import secrets

from psycopg2 import errors

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...rules import sealed_file
from ..person.veloc_merge_perform import MERGE_LOCK
from . import month_file
from .veloc_archive import RAW

_logger = logging.getLogger(__name__)
STAGE = "veloc_archive_stage"


class VelocArchive(models.Model):
    """Out to a file and back: the rows are compared each time, column by column."""

    _inherit = "veloc.archive"

    # === OUT === #

    @api.model
    def _archive_due(self, now):
        """Archive the months that are due, each in a transaction of its own."""
        counts = {"months": 0, "events": 0, "rewritten": self._clean_erased()}
        if not self._is_armed():
            return counts
        cron = self.env["ir.cron"]
        for month in self._due_months(now):
            try:
                counts["events"] += self._archive_month(month)
            except errors.LockNotAvailable:
                _logger.info("month %s is in use; tomorrow again", month)
                continue
            counts["months"] += 1
            if not cron._commit_progress():
                break
        return counts

    @api.model
    def _archive_month(self, month):
        """Write a month's file, prove it, drop the month; return how many events."""
        table = f"{RAW}_{month:%Y%m}"
        with self.env["veloc.ingest"]._in_read_committed() as ingest:
            archive = ingest.env["veloc.archive"]
            values = archive._write_file(table, month)
            archive._wait_shortly()
            # From here on nobody adds to this month or empties a row of it.
            ingest.env.cr.execute(
                SQL("LOCK TABLE %s IN SHARE MODE", SQL.identifier(table))
            )
            if archive._fingerprint(table) != (
                values["row_count"],
                values["checksum"],
            ):
                os.unlink(archive._folder() / values["file_name"])
                raise UserError(
                    self.env._(
                        "%(month)s changed while it was read: it stays.", month=month
                    )
                )
            archive.create(values)
            archive.flush_model()
            archive._drop_month(table)
        return values["row_count"]

    @api.model
    def _write_file(self, table, month):
        """Write the table's rows and read them back; return the record's values."""
        cr = self.env.cr
        columns = self._columns()
        name = f"events-{month:%Y-%m}-{secrets.token_hex(4)}.parquet.sealed"
        path = self._folder() / name
        key = secrets.token_bytes(sealed_file.KEY_SIZE)
        try:
            sha256 = month_file.write_month(cr, table, columns, path, key)
            self._make_stage()
            month_file.read_month(cr, STAGE, path, key)
            count, checksum = self._compare(table, month)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return {
            "month": month,
            "state": "archived",
            "file_name": name,
            "size": path.stat().st_size,
            "sha256": sha256,
            "row_count": count,
            "checksum": checksum,
            "sums": self._sums(STAGE),
            "key_sealed": self._seal_key(name, key),
            "archived_at": fields.Datetime.now(),
        }

    @api.model
    def _compare(self, table, month):
        """Return count and hash of the staged rows; refuse any but the table's."""
        fingerprint = self._fingerprint(STAGE)
        if fingerprint != self._fingerprint(table):
            raise UserError(
                self.env._("The file of %(month)s is not what was read.", month=month)
            )
        return fingerprint

    @api.model
    def _drop_month(self, table):
        """Take the partition off and drop it; whoever reads on waits a moment."""
        for statement in (
            "ALTER TABLE %(raw)s DETACH PARTITION %(table)s",
            "DROP TABLE %(table)s",
        ):
            self.env.cr.execute(
                SQL(statement, raw=SQL.identifier(RAW), table=SQL.identifier(table))
            )
        _logger.info("%s archived and dropped", table)

    @api.model
    def _wait_shortly(self):
        """Give up rather than make the ingest wait, or be chosen in a deadlock."""
        self.env.cr.execute("SET LOCAL lock_timeout = '500ms'")

    # === BACK === #

    @api.model
    def _bring_back(self, *months):
        """Bring back months named like ``2024-05``, from a shell; return the events.

        Each month is committed for itself, as by the button.
        """
        counts = {}
        for name in months:
            archive = self.search([("state", "=", "archived")]).filtered(
                lambda own, name=name: own.display_name == name
            )
            if not archive:
                raise UserError(
                    self.env._("%(month)s is not in the archive.", month=name)
                )
            for own in archive:
                own._restore()
            counts[name] = sum(archive.mapped("row_count"))
        return counts

    def _restore(self):
        """Bring the month back, without what erased people left in it."""
        self.ensure_one()
        if self.state != "archived":
            raise UserError(self.env._("This month has been brought back already."))
        self._make_partition()
        with self.env["veloc.ingest"]._in_read_committed() as ingest:
            own = self.with_env(ingest.env)
            # No merge begins or ends meanwhile: whose an event is must not change.
            ingest.env.cr.execute(
                "SELECT pg_advisory_xact_lock_shared(%s)", [MERGE_LOCK]
            )
            path = own._load_stage()
            own._blank_erased()
            own.env["veloc.archive.owner"]._hand_over(STAGE)
            columns = month_file.names_sql(own._columns())
            ingest.env.cr.execute(
                SQL(
                    "INSERT INTO %s (%s) SELECT %s FROM %s",
                    SQL.identifier(RAW),
                    columns,
                    columns,
                    SQL.identifier(STAGE),
                )
            )
            own.write({"state": "restored", "restored_at": fields.Datetime.now()})
            own.flush_recordset()
        path.unlink(missing_ok=True)
        self.env["veloc.trader.event"].invalidate_model(flush=False)

    def _make_partition(self):
        """Make the month's partition first: it locks the whole table for a moment."""
        partitions = self.env["veloc.partition"]
        if self.month not in partitions._find_months(RAW):
            with self.env["veloc.ingest"]._in_read_committed() as ingest:
                ingest.env["veloc.archive"]._wait_shortly()
                ingest.env["veloc.partition"]._make_month(RAW, "at", self.month)

    def _load_stage(self):
        """Read the file into the staging table and compare; return its path."""
        path = self._path()
        if month_file.digest(path) != self.sha256:
            raise UserError(self.env._("The file is not the one that was written."))
        self._make_stage()
        try:
            month_file.read_month(self.env.cr, STAGE, path, self._open_key())
        except sealed_file.CannotOpen as error:
            raise UserError(
                self.env._("The file does not open with its key.")
            ) from error
        if self._fingerprint(STAGE) != (self.row_count, self.checksum):
            raise UserError(self.env._("The file is not the one that was written."))
        return path

    def _check_file(self):
        """Read the file and compare; leave nothing behind."""
        with self.env["veloc.ingest"]._in_read_committed() as ingest:
            self.with_env(ingest.env)._load_stage()
            ingest.env.cr.execute(SQL("DROP TABLE %s", SQL.identifier(STAGE)))

    # === ROWS === #

    @api.model
    def _columns(self):
        """Return (name, type) of the raw table's columns, in their order."""
        return self.env.execute_query(
            SQL(
                "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute"
                " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
                " ORDER BY attnum",
                RAW,
            )
        )

    @api.model
    def _make_stage(self):
        for statement in (
            "DROP TABLE IF EXISTS %(stage)s",
            "CREATE TEMP TABLE %(stage)s (LIKE %(raw)s) ON COMMIT DROP",
        ):
            self.env.cr.execute(
                SQL(statement, stage=SQL.identifier(STAGE), raw=SQL.identifier(RAW))
            )

    @api.model
    def _fingerprint(self, table):
        """Return how many rows there are, and a hash of them in whatever order."""
        return self.env.execute_query(
            SQL(
                "SELECT count(*), coalesce(sum(hashtextextended("
                "ROW(%s)::text, 0)::numeric), 0)::text FROM %s",
                month_file.names_sql(self._columns()),
                SQL.identifier(table),
            )
        )[0]

    @api.model
    def _sums(self, table):
        rows = self.env.execute_query(
            SQL(
                "SELECT type, count(*), coalesce(sum(amount_company), 0)::text"
                " FROM %s GROUP BY type",
                SQL.identifier(table),
            )
        )
        return {kind: {"count": n, "amount": amount} for kind, n, amount in rows}

    # === KEYS === #

    @api.model
    def _seal_key(self, name, key):
        text = base64.b64encode(key)
        return self.env["veloc.keyring"]._seal(_place(name), text)

    def _open_key(self):
        opened = self.env["veloc.keyring"]._open(
            _place(self.file_name), self.key_sealed
        )
        return base64.b64decode(opened)


def _place(name):
    return f"veloc_archive|key|{name}"
