"""The bare pipeline of ingestion: the same steps in plain SQL, without Odoo.

Stage, dedupe, log, daily sums, sums of each trader, windows of each trader; one
transaction a batch. No checks, no stages, no tiers, no segments, no answer.
"""

import json
from concurrent.futures import ThreadPoolExecutor

from .measure import Result, Watch

COUNTS = ("trades", "logins", "deposits")
SUMS = ("volume", "result", "deposited")
COLUMNS = (*COUNTS, *SUMS)
WINDOWS = (7, 30, 90)

TABLES = """
DROP TABLE IF EXISTS bare_key, bare_log, bare_day, bare_trader;
CREATE TABLE bare_key (
    source varchar NOT NULL, external_id varchar NOT NULL, event_id bigint NOT NULL,
    PRIMARY KEY (source, external_id));
CREATE TABLE bare_log (LIKE veloc_trader_event_raw INCLUDING ALL);
CREATE TABLE bare_day (
    day date NOT NULL, trader_id int4 NOT NULL, {zeros},
    PRIMARY KEY (day, trader_id)) WITH (fillfactor = 80);
CREATE INDEX ON bare_day (trader_id, day);
CREATE TABLE bare_trader (
    id int4 PRIMARY KEY, ref varchar UNIQUE NOT NULL, last_at timestamp, {zeros},
    {windows}) WITH (fillfactor = 70);
INSERT INTO bare_trader (id, ref)
SELECT id, external_ref FROM veloc_trader;
CREATE SEQUENCE IF NOT EXISTS bare_id;
ANALYZE bare_trader;
"""
STAGE = """
CREATE TEMP TABLE IF NOT EXISTS bare_stage (
    id bigint, trader_id int4, external_id varchar, type varchar, at timestamp,
    data jsonb) ON COMMIT DELETE ROWS;
WITH told AS MATERIALIZED (
    SELECT nextval('bare_id') AS n, r.* FROM json_to_recordset(%s::json) AS r (
        id varchar, type varchar, trader varchar, at timestamptz, data jsonb)
), kept AS (
    INSERT INTO bare_key SELECT 'bench', id, n FROM told ORDER BY id
    ON CONFLICT DO NOTHING RETURNING external_id
)
INSERT INTO bare_stage
SELECT o.n, t.id, o.id, o.type, o.at AT TIME ZONE 'UTC', o.data
FROM told o JOIN kept k ON k.external_id = o.id JOIN bare_trader t ON t.ref = o.trader;
SELECT FROM bare_trader WHERE id IN (SELECT trader_id FROM bare_stage)
ORDER BY id FOR NO KEY UPDATE;
INSERT INTO bare_log (id, at, trader_id, company_id, type, is_known, source,
    external_id, data, received_at)
SELECT id, at, trader_id, 1, type, true, 'bench', external_id, data, now()
FROM bare_stage;
"""
FOLD = """
WITH added AS MATERIALIZED (
    SELECT trader_id, (at AT TIME ZONE 'UTC' AT TIME ZONE 'America/Sao_Paulo')::date
        AS day, max(at) AS last_at,
        count(*) FILTER (WHERE type = 'trade') AS trades,
        count(*) FILTER (WHERE type = 'login') AS logins,
        count(*) FILTER (WHERE type = 'deposit_approved') AS deposits,
        coalesce(sum((data->>'volume')::numeric), 0) AS volume,
        coalesce(sum((data->>'result')::numeric), 0) AS result,
        0::numeric AS deposited
    FROM bare_stage GROUP BY 1, 2
), days AS (
    INSERT INTO bare_day AS d (trader_id, day, {columns})
    SELECT trader_id, day, {columns} FROM added ORDER BY 1, 2
    ON CONFLICT (day, trader_id) DO UPDATE SET {excluded}
)
UPDATE bare_trader t SET last_at = greatest(t.last_at, a.last_at), {sums}
FROM (SELECT trader_id, max(last_at) AS last_at, {totals} FROM added GROUP BY 1) a
WHERE t.id = a.trader_id
"""


def _each(form, columns=COLUMNS):
    return ", ".join(form.format(c=name) for name in columns)


def _windowed(form):
    return ", ".join(form.format(c=c, d=d) for c in COLUMNS for d in WINDOWS)


def _statements():
    tables = TABLES.format(
        zeros=_each("{c} numeric NOT NULL DEFAULT 0"),
        windows=_windowed("{c}_{d} numeric NOT NULL DEFAULT 0"),
    )
    fold = FOLD.format(
        columns=_each("{c}"),
        excluded=_each("{c} = d.{c} + excluded.{c}"),
        sums=_each("{c} = t.{c} + a.{c}")
        + ", "
        + _windowed("{c}_{d} = t.{c}_{d} + a.{c}_{d}"),
        totals=_each("sum({c}) AS {c}")
        + ", "
        + _windowed(
            "coalesce(sum({c}) FILTER (WHERE day > current_date - {d}), 0) AS {c}_{d}"
        ),
    )
    return tables, STAGE + fold


def measure(database, batches, clients):
    """Send the batches over so many connections; return the result."""
    tables, batch_sql = _statements()
    for statement in tables.split(";\n"):
        if statement.strip():
            database.rows(statement)
    connections = [database.connect() for _ in range(clients)]
    texts = [json.dumps(batch) for batch in batches]
    with (
        Watch([c.info.backend_pid for c in connections]) as watch,
        ThreadPoolExecutor(clients) as pool,
    ):
        parts = [texts[n::clients] for n in range(clients)]
        list(
            pool.map(
                lambda job: _send(batch_sql, *job), zip(connections, parts, strict=True)
            )
        )
    for connection in connections:
        connection.close()
    name = f"bare: the whole pipeline in SQL, {clients} connections"
    return Result(name, "events", sum(map(len, batches)), watch.seconds, watch.cpu, 5)


def _send(batch_sql, connection, texts):
    for text in texts:
        with connection, connection.cursor() as cursor:
            cursor.execute("SET LOCAL jit = off")
            cursor.execute(batch_sql, (text,))
