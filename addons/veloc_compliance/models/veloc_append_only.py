from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

# Row triggers, so that statements that touch nothing (and they happen) pass. Erasure
# and retention may change what the law says must go: under a permit, a row that is
# committed with the change and stays (``veloc.change.permit``).
_REFUSE = SQL("""
    CREATE OR REPLACE FUNCTION veloc_change_permitted(relation oid) RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    BEGIN
        RETURN EXISTS (
            SELECT FROM veloc_change_permit
            WHERE xact = pg_current_xact_id_if_assigned()::text
                AND opened_at = transaction_timestamp() AT TIME ZONE 'UTC'
                AND table_name = COALESCE(
                    pg_partition_root(relation), relation)::regclass::text);
    END $$;
    CREATE OR REPLACE FUNCTION veloc_refuse_change() RETURNS trigger
    LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP <> 'TRUNCATE' AND veloc_change_permitted(TG_RELID) THEN
            RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
        END IF;
        RAISE EXCEPTION '%% is append-only: %% refused', TG_TABLE_NAME, TG_OP
            USING ERRCODE = 'restrict_violation';
    END $$
""")


class VelocAppendOnly(models.AbstractModel):
    """Rows that are evidence: written once, held by the database itself."""

    _name = "veloc.append.only"
    _description = "Append-only rows"
    # Nothing is ever written again, and who and when stand in named fields.
    _log_access = False

    def init(self):
        """Refuse UPDATE, DELETE and TRUNCATE, replicas and restores included."""
        super().init()
        if self._abstract:
            return
        self.env.cr.execute(_REFUSE)
        self._refuse_trigger("veloc_no_change", SQL("UPDATE OR DELETE"), SQL("ROW"))
        self._refuse_trigger("veloc_no_truncate", SQL("TRUNCATE"), SQL("STATEMENT"))

    def _refuse_trigger(self, name, operations, level):
        table, trigger = SQL.identifier(self._table), SQL.identifier(name)
        self.env.cr.execute(
            SQL(
                """
                CREATE OR REPLACE TRIGGER %(trigger)s BEFORE %(operations)s
                ON %(table)s FOR EACH %(level)s EXECUTE FUNCTION veloc_refuse_change();
                ALTER TABLE %(table)s ENABLE ALWAYS TRIGGER %(trigger)s
                """,
                trigger=trigger,
                operations=operations,
                table=table,
                level=level,
            )
        )

    # === CRUD === #

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("Entries of this list can never be changed."))

    def unlink(self):  # pylint: disable=method-required-super
        # pylint: disable-next=no-raise-unlink  # refusing is what this class is for
        raise UserError(self.env._("Entries of this list can never be deleted."))
