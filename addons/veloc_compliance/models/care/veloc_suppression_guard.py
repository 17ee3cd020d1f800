from odoo import models
from odoo.tools import SQL

_KEEP_TERM = SQL("""
    CREATE OR REPLACE FUNCTION veloc_keep_term() RETURNS trigger
    LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP <> 'UPDATE' THEN
            RAISE EXCEPTION 'suppressions are evidence: %% refused', TG_OP
                USING ERRCODE = 'restrict_violation';
        END IF;
        IF OLD.kind IN ('self_exclusion', 'cooling_off') AND OLD.lifted_at IS NULL
            AND (NEW.kind <> OLD.kind
                OR (NEW.until_at IS NOT NULL AND OLD.until_at IS NULL)
                OR NEW.until_at < OLD.until_at
                OR NEW.lifted_at < OLD.until_at)
        THEN
            RAISE EXCEPTION 'suppression %% runs its full term', OLD.id
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
""")
_TRIGGERS = (
    SQL("""
        CREATE OR REPLACE TRIGGER veloc_keep_term BEFORE UPDATE OR DELETE
        ON veloc_suppression FOR EACH ROW EXECUTE FUNCTION veloc_keep_term()
    """),
    SQL("ALTER TABLE veloc_suppression ENABLE ALWAYS TRIGGER veloc_keep_term"),
    SQL("""
        CREATE OR REPLACE TRIGGER veloc_keep_all BEFORE TRUNCATE
        ON veloc_suppression FOR EACH STATEMENT EXECUTE FUNCTION veloc_keep_term()
    """),
    SQL("ALTER TABLE veloc_suppression ENABLE ALWAYS TRIGGER veloc_keep_all"),
)


class VelocSuppression(models.Model):
    """The database itself holds a term that the person chose, whoever asks."""

    _inherit = "veloc.suppression"

    def init(self):
        """Refuse to end or shorten a binding term, and to delete any suppression."""
        result = super().init()
        for statement in (_KEEP_TERM, *_TRIGGERS):
            self.env.cr.execute(statement)
        return result
