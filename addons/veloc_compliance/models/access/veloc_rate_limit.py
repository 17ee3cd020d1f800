import hashlib
import hmac
import logging
import time
from contextlib import contextmanager

import psycopg2
from psycopg2.pool import PoolError

from odoo import api, models
from odoo.sql_db import Cursor
from odoo.tools import SQL

from ...rules import rate_bucket

_logger = logging.getLogger(__name__)

TABLE = SQL.identifier("veloc_rate_limit")


class VelocRateLimit(models.AbstractModel):
    """How often somebody did something lately, counted for all workers and hosts.

    A bucket of ``limit`` hits that fills up again within ``seconds``: a burst is
    allowed, then one hit each ``seconds / limit``. What is refused does not count, so
    that an impatient program recovers. A bucket is one row of a table without WAL: a
    crash of the database empties it, and nothing else waits for it. The key (an
    address, a login) is stored as a keyed hash only.

    When the counter itself fails (no connection left), the hit is allowed and logged:
    what it guards needs the same database, and a broken counter must not be a way to
    lock everybody out.
    """

    _name = "veloc.rate.limit"
    _description = "Rate limit"

    def init(self):
        """Make the table by hand: a serial id would run out, one a hit."""
        self.env.cr.execute(
            SQL(
                """
                CREATE UNLOGGED TABLE IF NOT EXISTS %s (
                    key bytea PRIMARY KEY,
                    full_at double precision NOT NULL,
                    wait double precision NOT NULL
                ) WITH (fillfactor = 50)
                """,
                TABLE,
            )
        )

    # === COUNT === #

    @api.model
    def _hit(self, scope, key, limit, seconds, amount=1):
        """Count a hit; return 0 if it is allowed, else the seconds to wait.

        ``scope`` says what is counted, ``key`` whose; a limit below 1 allows all.
        """
        if limit < 1:
            return 0
        now, step = time.time(), amount * seconds / limit
        rows = self._on_the_spot(
            SQL(
                """
                INSERT INTO %(table)s AS r (key, full_at, wait)
                VALUES (%(key)s, %(first)s, %(first_wait)s)
                ON CONFLICT (key) DO UPDATE SET
                    full_at = CASE
                        WHEN GREATEST(r.full_at, %(now)s) + %(step)s <= %(latest)s
                        THEN GREATEST(r.full_at, %(now)s) + %(step)s
                        ELSE r.full_at END,
                    wait = GREATEST(r.full_at, %(now)s) + %(step)s - %(latest)s
                RETURNING wait
                """,
                table=TABLE,
                key=self._hash(scope, key),
                now=now,
                step=step,
                first=now + (step if amount <= limit else 0),
                first_wait=step - seconds - rate_bucket.EPSILON,
                latest=now + seconds + rate_bucket.EPSILON,
            )
        )
        return rate_bucket.whole_seconds(rows[0][0]) if rows else 0

    @api.model
    def _peek(self, scope, key, limit, seconds):
        """Return what ``_hit`` would, without counting."""
        full_at = self._full_at([(scope, key)]).get((scope, key), 0.0)
        return rate_bucket.wait(full_at, time.time(), limit, seconds)

    @api.model
    def _full_at(self, pairs):
        """Return ``{(scope, key): when its bucket is full again}`` of those known."""
        pairs = list(pairs)
        by_hash = {self._hash(*pair): pair for pair in pairs}
        query = SQL(
            "SELECT key, full_at FROM %s WHERE key = ANY(%s::bytea[])",
            TABLE,
            list(by_hash),
        )
        rows = self._on_the_spot(query) or ()
        return {by_hash[bytes(key)]: full_at for key, full_at in rows}

    @api.model
    def _forget(self, scope, *keys):
        """Give these keys a full bucket again; return how many had less."""
        hashes = [self._hash(scope, key) for key in keys]
        query = SQL(
            "DELETE FROM %s WHERE key = ANY(%s::bytea[]) RETURNING 1", TABLE, hashes
        )
        return len(self._on_the_spot(query) or ())

    # === REMEMBER === #

    @api.model
    def _remember(self, scope, key, seconds):
        """Keep in mind that something happened; forgotten after so long."""
        self._on_the_spot(
            SQL(
                """
                INSERT INTO %(table)s (key, full_at, wait)
                VALUES (%(key)s, %(until)s, 0)
                ON CONFLICT (key) DO UPDATE SET full_at = excluded.full_at
                RETURNING 1
                """,
                table=TABLE,
                key=self._hash(scope, key),
                until=time.time() + seconds,
            )
        )

    # === BELOW === #

    @api.autovacuum
    def _gc_full_buckets(self):
        """Remove buckets that are full again: no row says the same."""
        self.env.cr.execute(
            SQL("DELETE FROM %s WHERE full_at < %s", TABLE, time.time())
        )

    def _hash(self, scope, key):
        # sudo: reads the database's own secret, for a hash that leaves it out.
        secret = self.env["ir.config_parameter"].sudo().get_param("database.secret")
        text = f"{scope}\0{key}".encode("utf-8", "surrogatepass")
        return hmac.digest((secret or "").encode(), text, hashlib.sha256)[:16]

    @api.model
    def _on_the_spot(self, query):
        """Run one statement beside the request's transaction; None if it failed."""
        try:
            with self._own_cursor() as cr:
                if cr is None:
                    return None
                cr.execute(query)
                return cr.fetchall()
        except (psycopg2.Error, PoolError):
            _logger.exception("Could not be counted, so it is allowed.")
            return None

    @contextmanager
    def _own_cursor(self):
        if self.env.cr.readonly and not isinstance(self.env.cr, Cursor):
            yield None  # a test's read-only cursor cannot be left
            return
        with self.env.registry.cursor() as cr:
            if isinstance(cr, Cursor):
                # One statement, one round trip; concurrent hits wait, none fails.
                cr.connection.autocommit = True
            yield cr
