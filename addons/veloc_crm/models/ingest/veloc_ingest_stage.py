"""The batch inside the database: staged, told apart from what came before, stored."""

import io

from psycopg2.errors import UniqueViolation

from odoo import api, models
from odoo.tools import SQL

# The pages that batches touch are in memory: looking up a few thousand traders by
# index must not seem dearer to the planner than reading them all, and sorting texts
# not cheaper than hashing them.
PLANNER = """
SET LOCAL jit = off;
SET LOCAL random_page_cost = 0.1;
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL enable_mergejoin = off;
"""
# Kept by the connection, emptied with each transaction: no table is made per batch.
TABLES = """
CREATE TEMP TABLE IF NOT EXISTS veloc_ingest_stage (
    n int4, external_id varchar, type varchar, is_known boolean, ref varchar,
    at timestamp, amount numeric, currency varchar, amount_company numeric,
    volume numeric, result numeric, data jsonb, is_plain boolean
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS veloc_ingest_ref (
    ref varchar, trader_id int4, company_id int4
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS veloc_ingest_new (
    id bigint, external_id varchar, type varchar, is_known boolean, ref varchar,
    at timestamp, day date, trader_id int4, company_id int4, amount numeric,
    currency varchar, amount_company numeric, volume numeric, result numeric,
    data jsonb, is_plain boolean, is_counted boolean
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS veloc_ingest_touched (
    trader_id int4, first_at timestamp, last_at timestamp, active_at timestamp,
    first_deposit_at timestamp, last_deposit_at timestamp, first_trade_at timestamp,
    last_trade_at timestamp, last_withdrawal_at timestamp, last_login_at timestamp,
    deposit_max numeric, is_milestone boolean, event_count int4, deposit_count int4,
    deposit_total numeric, withdrawal_count int4, withdrawal_total numeric,
    trade_count int4, volume_total numeric, result_total numeric, login_count int4
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS veloc_ingest_day (
    trader_id int4, day date, event_count int4, deposit_count int4,
    deposit_total numeric, withdrawal_count int4, withdrawal_total numeric,
    trade_count int4, volume_total numeric, result_total numeric, login_count int4,
    is_first_active boolean, is_first_deposit boolean
) ON COMMIT DELETE ROWS;
DELETE FROM veloc_ingest_stage;
DELETE FROM veloc_ingest_ref;
DELETE FROM veloc_ingest_new;
DELETE FROM veloc_ingest_touched;
DELETE FROM veloc_ingest_day;
-- Nobody is merged away between the moment a reference is resolved and the end.
SELECT pg_advisory_xact_lock_shared(7602003);
"""
COPY = "COPY veloc_ingest_stage FROM STDIN"
# Row ids in the order of the batch, keys in their own order: so nobody deadlocks.
CLAIM = """
WITH given AS MATERIALIZED (
    SELECT nextval('veloc_trader_event_id_seq') AS id, staged.*
    FROM (SELECT * FROM veloc_ingest_stage ORDER BY n) AS staged
), claimed AS (
    INSERT INTO veloc_trader_event_key (source, external_id, event_id)
    SELECT %(source)s, external_id, id FROM given ORDER BY external_id COLLATE "C"
    %(claim)s
)
INSERT INTO veloc_ingest_new
SELECT s.id, s.external_id, s.type, s.is_known, s.ref, s.at,
    (s.at AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date, t.trader_id, t.company_id,
    s.amount, s.currency, s.amount_company,
    CASE WHEN s.type = 'trade' THEN coalesce(s.volume, 0) END,
    CASE WHEN s.type = 'trade' THEN coalesce(s.result, 0) END,
    s.data, s.is_plain, s.type NOT IN ('reversal', 'correction')
FROM given s %(claimed)s
LEFT JOIN veloc_ingest_ref t ON t.ref = s.ref AND s.is_plain
"""
# Most batches were never sent before: then the keys need no look beforehand.
ALL_NEW = {"claim": SQL(""), "claimed": SQL("")}
SOME_NEW = {
    "claim": SQL("ON CONFLICT DO NOTHING RETURNING event_id"),
    "claimed": SQL("JOIN claimed c ON c.event_id = s.id"),
}
REFS = """
INSERT INTO veloc_ingest_ref
SELECT s.ref, t.id, t.company_id
FROM (SELECT DISTINCT ref FROM veloc_ingest_stage) s
LEFT JOIN veloc_trader t ON t.external_ref = s.ref AND t.company_id = ANY(%s)
"""
STRANGERS = """
DELETE FROM veloc_ingest_stage s USING veloc_ingest_ref t
WHERE t.ref = s.ref AND t.trader_id IS NULL RETURNING s.n
"""
INSERT_RAW = """
INSERT INTO veloc_trader_event_raw (
    id, at, trader_id, company_id, type, is_known, source, external_id, amount,
    currency, amount_company, volume, result, data, received_at)
SELECT id, at, trader_id, company_id, type, is_known, %s, external_id, amount,
    currency, amount_company, volume, result, data, %s
FROM veloc_ingest_new
"""


class VelocIngestStage(models.AbstractModel):
    """Temporary tables carry the batch through the steps of the fold."""

    _name = "veloc.ingest.stage"
    _description = "Event Ingestion: Stage"

    @api.model
    def _open(self, batch):
        """Stage the plain events; those of strangers go the careful road instead."""
        self.env.cr.execute(PLANNER)
        self.env.cr.execute(TABLES)
        if not batch.lines:
            return
        self._copy(batch.lines)
        self.env.cr.execute(SQL(REFS, self.env.companies.ids))
        strangers = self.env.execute_query(SQL(STRANGERS))
        batch.make_careful([n for (n,) in strangers])
        batch.staged = len(batch.lines) - len(strangers)

    @api.model
    def _claim(self, batch):
        """Keep the events nobody sent before; all others are duplicates."""
        self._copy(batch.careful_lines())
        batch.accepted = self._claim_keys(batch)
        before = batch.staged + len(batch.events) - batch.accepted
        batch.duplicates += before
        if before:
            batch.repeated |= self._find_repeated()
        if batch.events:
            batch.ids = dict(
                self.env.execute_query(
                    SQL(
                        "SELECT external_id, id FROM veloc_ingest_new"
                        " WHERE NOT is_plain"
                    )
                )
            )

    @api.model
    def _claim_keys(self, batch):
        """Write the keys of what is new; return how many events are."""
        values = {
            "source": batch.source,
            "zone": self.env["veloc.ingest.fold"]._get_zone().key,
        }
        cr = self.env.cr
        try:
            with cr.savepoint(flush=False):
                cr.execute(SQL(CLAIM, **values, **ALL_NEW), log_exceptions=False)
                return cr.rowcount
        except UniqueViolation:
            cr.execute(SQL(CLAIM, **values, **SOME_NEW))
            return cr.rowcount

    @api.model
    def _find_repeated(self):
        rows = self.env.execute_query(
            SQL(
                "SELECT external_id FROM veloc_ingest_stage"
                " EXCEPT SELECT external_id FROM veloc_ingest_new"
            )
        )
        return {external_id for (external_id,) in rows}

    @api.model
    def _store(self, batch):
        """Write the new events to the log; whoever was introduced has a trader now."""
        if batch.events:
            self.env.cr.execute(
                "UPDATE veloc_ingest_new n SET trader_id = t.id,"
                " company_id = t.company_id FROM veloc_trader t"
                " WHERE n.trader_id IS NULL AND t.external_ref = n.ref"
            )
        self.env.cr.execute(SQL(INSERT_RAW, batch.source, batch.now))

    @api.model
    def _copy(self, lines):
        if lines:
            self.env.cr.copy_expert(COPY, io.StringIO("".join(lines)))
