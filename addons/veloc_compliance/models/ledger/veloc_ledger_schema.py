"""The ledger's tables: plain SQL, so that another role may own them."""

from odoo import api, models
from odoo.tools import SQL

# `at` is the database's own clock: no caller chooses the time of an entry.
TABLES = """
CREATE TABLE IF NOT EXISTS veloc_ledger_entry_raw (
    id serial PRIMARY KEY,
    at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    kind varchar NOT NULL,
    user_id int4 NOT NULL,
    model varchar NOT NULL,
    res_id int4 NOT NULL,
    subject_id int4,
    public text NOT NULL,
    secret text,
    subject_ids int4[],
    mac bytea
);
CREATE INDEX IF NOT EXISTS veloc_ledger_entry_raw_record
    ON veloc_ledger_entry_raw (model, res_id);
CREATE INDEX IF NOT EXISTS veloc_ledger_entry_raw_subject
    ON veloc_ledger_entry_raw (subject_id) WHERE subject_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS veloc_ledger_entry_raw_subjects
    ON veloc_ledger_entry_raw USING gin (subject_ids)
    WITH (fastupdate = on) WHERE subject_ids IS NOT NULL;
CREATE INDEX IF NOT EXISTS veloc_ledger_entry_raw_at
    ON veloc_ledger_entry_raw USING brin (at);
CREATE TABLE IF NOT EXISTS veloc_ledger_leaf (
    id int4 PRIMARY KEY CHECK (id > 0),
    entry_id int4 NOT NULL UNIQUE,
    hash bytea NOT NULL CHECK (length(hash) = 32)
);
CREATE TABLE IF NOT EXISTS veloc_ledger_node (
    level int2 NOT NULL,
    position int4 NOT NULL,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (level, position)
);
CREATE TABLE IF NOT EXISTS veloc_ledger_signed_head (
    id serial PRIMARY KEY,
    origin varchar NOT NULL,
    size int4 NOT NULL UNIQUE CHECK (size > 0),
    root varchar NOT NULL CHECK (root ~ '^[0-9a-f]{64}$'),
    sealed_at timestamp NOT NULL,
    last_entry_id int4 NOT NULL,
    public_key varchar NOT NULL,
    signature varchar NOT NULL
);
"""
APPEND_ONLY = (
    "veloc_ledger_entry_raw",
    "veloc_ledger_leaf",
    "veloc_ledger_node",
    "veloc_ledger_signed_head",
)
REFUSE = """
CREATE OR REPLACE FUNCTION veloc_ledger_refuse() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % of % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""
TRIGGERS = """
CREATE OR REPLACE TRIGGER veloc_no_change BEFORE UPDATE OR DELETE ON %(table)s
    FOR EACH ROW EXECUTE FUNCTION veloc_ledger_refuse();
CREATE OR REPLACE TRIGGER veloc_no_truncate BEFORE TRUNCATE ON %(table)s
    FOR EACH STATEMENT EXECUTE FUNCTION veloc_ledger_refuse();
ALTER TABLE %(table)s ENABLE ALWAYS TRIGGER veloc_no_change;
ALTER TABLE %(table)s ENABLE ALWAYS TRIGGER veloc_no_truncate
"""


class VelocLedgerSchema(models.AbstractModel):
    """Makes the tables and holds them append-only, whoever owns them."""

    _name = "veloc.ledger.schema"
    _description = "Ledger tables"

    @api.model
    def _install(self):
        """Make what is missing; leave alone what another role owns."""
        if self._is_ours():
            self.env.cr.execute(TABLES)
            self.env.cr.execute(REFUSE)
            for table in APPEND_ONLY:
                self.env.cr.execute(SQL(TRIGGERS, table=SQL.identifier(table)))

    @api.model
    def _is_ours(self):
        """Return whether our role may change the tables, or they do not exist yet."""
        ((ours,),) = self.env.execute_query(
            SQL(
                """
                SELECT coalesce(bool_and(pg_has_role(current_user, relowner, 'USAGE')),
                                true)
                FROM pg_class WHERE relname = ANY(%s) AND relkind = 'r'
                    AND relnamespace = current_schema()::regnamespace
                """,
                list(APPEND_ONLY),
            )
        )
        return ours
