"""The bare references: the same work in plain SQL, without Odoo."""

from .measure import Result, Watch

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
