"""The bare references: the same work in plain SQL, without Odoo."""

import json

from .measure import Result, Watch

EVENTS = """
CREATE TABLE bench_event (
    source text NOT NULL, external_id text NOT NULL, type text NOT NULL,
    trader text NOT NULL, at timestamptz NOT NULL, data jsonb,
    UNIQUE (source, external_id));
CREATE TABLE bench_day (
    trader text NOT NULL, day date NOT NULL, events int NOT NULL,
    volume numeric NOT NULL, PRIMARY KEY (trader, day));
"""
INSERT_EVENTS = """
WITH told AS (
    SELECT * FROM json_to_recordset(%s)
    AS t(id text, type text, trader text, at timestamptz, data jsonb)
), kept AS (
    INSERT INTO bench_event
    SELECT 'bench', id, type, trader, at, data FROM told
    ON CONFLICT DO NOTHING RETURNING trader, at, data
)
"""
ONLY = INSERT_EVENTS + "SELECT count(*) FROM kept"
WITH_DAYS = (
    INSERT_EVENTS
    + """
INSERT INTO bench_day
SELECT trader, at::date, count(*), coalesce(sum((data->>'volume')::numeric), 0)
FROM kept GROUP BY 1, 2
ON CONFLICT (trader, day) DO UPDATE SET
    events = bench_day.events + excluded.events,
    volume = bench_day.volume + excluded.volume
"""
)
QUEUE = """
CREATE TABLE bench_enrolment (
    id serial PRIMARY KEY, trader int NOT NULL, next_due timestamp,
    state text NOT NULL DEFAULT 'active');
CREATE INDEX ON bench_enrolment (next_due, id) WHERE state = 'active';
CREATE TABLE bench_decision (
    enrolment int NOT NULL, verdict text NOT NULL, reason text, saw jsonb,
    at timestamp NOT NULL DEFAULT now());
CREATE TABLE bench_outbox (
    id serial PRIMARY KEY, key text UNIQUE NOT NULL, body text, state text);
INSERT INTO bench_enrolment (trader, next_due)
SELECT n, now() AT TIME ZONE 'UTC' FROM generate_series(1, %s) n;
"""
CLAIM = """
WITH due AS (
    SELECT id FROM bench_enrolment
    WHERE state = 'active' AND next_due <= now() AT TIME ZONE 'UTC'
    ORDER BY next_due, id LIMIT %s FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE bench_enrolment e SET next_due = next_due + interval '3 days'
    FROM due WHERE e.id = due.id RETURNING e.id, e.trader
), decided AS (
    INSERT INTO bench_decision (enrolment, verdict, reason, saw)
    SELECT id, 'sent', 'due', '{"consent": true, "hours": "open"}' FROM claimed
)
INSERT INTO bench_outbox (key, body, state)
SELECT 'step-' || id, 'Ola, conheca a Veloc. Fale com a gente.', 'queued' FROM claimed
"""


def ingest(database, batches):
    """Insert batches with dedupe, then the same with a daily roll-up."""
    results = []
    for name, query in (
        ("bare: insert with dedupe", ONLY),
        ("bare: insert, dedupe, daily roll-up", WITH_DAYS),
    ):
        database.rows("DROP TABLE IF EXISTS bench_event, bench_day")
        database.rows(EVENTS)
        results.append(_timed(database, name, query, batches))
    return results


def _timed(database, name, query, batches):
    connection = database.connect()
    texts = [json.dumps(batch) for batch in batches]
    with Watch([connection.info.backend_pid]) as watch:
        for text in texts:
            with connection, connection.cursor() as cursor:
                cursor.execute(query, (text,))
    connection.close()
    number = sum(map(len, batches))
    return Result(name, "events", number, watch.seconds, watch.cpu, 1)


def decisions(database, number, batch):
    """Claim due rows, write decisions and outbox rows, one commit per batch."""
    database.rows("DROP TABLE IF EXISTS bench_enrolment, bench_decision, bench_outbox")
    database.rows(QUEUE, number)
    connection = database.connect()
    done = 0
    with Watch([connection.info.backend_pid]) as watch:
        while True:
            with connection, connection.cursor() as cursor:
                cursor.execute(CLAIM, (batch,))
                done += cursor.rowcount
                if not cursor.rowcount:
                    break
    connection.close()
    name = f"bare: SQL claim and insert, {batch} a commit"
    return Result(name, "decisions", done, watch.seconds, watch.cpu, 1)
