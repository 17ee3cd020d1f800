"""Changes beside the ORM: a deferred trigger looks for the entry that explains them.

It runs at the commit, when the entries of the transaction are written. A change of a
guarded row without an entry for that row in the same transaction becomes an entry
itself, of kind ``out_of_band``. No setting says "trust me": only an entry does, and a
forged one has no valid MAC.
"""

from odoo import api, models
from odoo.tools import SQL

# Arguments: columns that count (empty: all), column of the person (or empty), then
# model and column with its id, several times: an entry for any of them explains.
FUNCTION = """
CREATE OR REPLACE FUNCTION veloc_ledger_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    before jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    after jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    row_now jsonb := coalesce(after, before);
    columns text[];
BEGIN
    SELECT array_agg(c ORDER BY c) INTO columns
    FROM jsonb_object_keys(row_now) c
    WHERE (TG_ARGV[0] = '' OR c = ANY(string_to_array(TG_ARGV[0], ',')))
        AND (before -> c) IS DISTINCT FROM (after -> c);
    IF columns IS NULL THEN
        RETURN NULL;
    END IF;
    FOR n IN 2 .. TG_NARGS - 2 BY 2 LOOP
        IF EXISTS (
            SELECT FROM veloc_ledger_entry_raw
            WHERE model = TG_ARGV[n] AND res_id = (row_now ->> TG_ARGV[n + 1])::int
                AND at = now() AT TIME ZONE 'UTC'
        ) THEN
            RETURN NULL;
        END IF;
    END LOOP;
    INSERT INTO veloc_ledger_entry_raw
        (kind, user_id, model, res_id, subject_id, public)
    VALUES ('out_of_band', 0, TG_ARGV[2], (row_now ->> TG_ARGV[3])::int,
        CASE WHEN TG_ARGV[1] <> '' THEN (row_now ->> TG_ARGV[1])::int END,
        json_build_object('fields', columns, 'op', lower(TG_OP), 'table', TG_TABLE_NAME,
            'role', session_user,
            'program', current_setting('application_name'))::text);
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION veloc_ledger_guard_truncate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO veloc_ledger_entry_raw (kind, user_id, model, res_id, public)
    VALUES ('out_of_band', 0, TG_ARGV[0], 0,
        json_build_object('op', 'truncate', 'table', TG_TABLE_NAME,
            'role', session_user,
            'program', current_setting('application_name'))::text);
    RETURN NULL;
END $$
"""
TRIGGERS = """
DROP TRIGGER IF EXISTS veloc_ledger_guard ON %(table)s;
CREATE CONSTRAINT TRIGGER veloc_ledger_guard AFTER %(operations)s ON %(table)s
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION veloc_ledger_guard(%(arguments)s);
ALTER TABLE %(table)s ENABLE ALWAYS TRIGGER veloc_ledger_guard;
CREATE OR REPLACE TRIGGER veloc_ledger_guard_truncate AFTER TRUNCATE ON %(table)s
    FOR EACH STATEMENT EXECUTE FUNCTION veloc_ledger_guard_truncate(%(model)s);
ALTER TABLE %(table)s ENABLE ALWAYS TRIGGER veloc_ledger_guard_truncate
"""
GUARD_TRIGGERS = ("veloc_ledger_guard", "veloc_ledger_guard_truncate")
OPERATIONS = ("insert", "update", "delete")


class VelocLedgerGuard(models.AbstractModel):
    """Row triggers on the tables that decide who may be contacted and by whom."""

    _name = "veloc.ledger.guard"
    _description = "Guard against changes beside the ORM"

    @api.model
    def _guard_model(self, model):
        """Guard a model's table by its attributes."""
        names = model._veloc_watched()
        columns = [n for n in names if (f := model._fields.get(n)) and f.column_type]
        self._guard_table(
            model._table,
            {model._name: "id"},
            subject=self._subject_column(model),
            columns=columns,
            operations=model._veloc_ledger_guard,
        )

    @api.model
    def _subject_column(self, model):
        path = model._veloc_ledger_subject
        field = model._fields.get(path or "")
        return path if field and field.store and field.column_type else ""

    @api.model
    def _owns_functions(self):
        """Return whether our role may replace the functions, or there are none yet."""
        ((ours,),) = self.env.execute_query(
            SQL(
                """
                SELECT coalesce(bool_and(pg_has_role(current_user, proowner, 'USAGE')),
                                true)
                FROM pg_proc WHERE proname IN %s
                    AND pronamespace = current_schema()::regnamespace
                """,
                GUARD_TRIGGERS,
            )
        )
        return ours

    @api.model
    def _settle(self):
        """Let the triggers look now: a table they still wait for cannot be altered."""
        self.env.cr.execute(
            SQL(
                "SELECT FROM pg_constraint WHERE conname = 'veloc_ledger_guard'"
                " AND connamespace = current_schema()::regnamespace"
            )
        )
        if self.env.cr.rowcount:
            self.env.cr.execute(
                "SET CONSTRAINTS veloc_ledger_guard IMMEDIATE;"
                "SET CONSTRAINTS veloc_ledger_guard DEFERRED"
            )

    @api.model
    def _guard_table(
        self, table, explained_by, subject="", columns=(), operations=OPERATIONS
    ):
        """Watch a table; ``explained_by`` is ``{model: column with its id}``."""
        if self._owns_functions():
            self.env.cr.execute(FUNCTION)
        self._settle()
        events = SQL(" OR ").join(
            SQL(name.upper()) for name in OPERATIONS if name in operations
        )
        pairs = [word for pair in explained_by.items() for word in pair]
        words = [",".join(sorted(columns)), subject, *pairs]
        self.env.cr.execute(
            SQL(
                TRIGGERS,
                table=SQL.identifier(table),
                operations=events,
                arguments=SQL(", ").join(SQL("%s", word) for word in words),
                model=next(iter(explained_by)),
            )
        )
