from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

_KEEP = SQL("""
    CREATE OR REPLACE FUNCTION veloc_keep_incident() RETURNS trigger
    LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the register of incidents is kept: %% refused', TG_OP
            USING ERRCODE = 'restrict_violation';
    END $$
""")
_TRIGGERS = (
    SQL("""
        CREATE OR REPLACE TRIGGER veloc_keep_incident BEFORE DELETE
        ON veloc_incident FOR EACH ROW EXECUTE FUNCTION veloc_keep_incident()
    """),
    SQL("ALTER TABLE veloc_incident ENABLE ALWAYS TRIGGER veloc_keep_incident"),
    SQL("""
        CREATE OR REPLACE TRIGGER veloc_keep_incidents BEFORE TRUNCATE
        ON veloc_incident FOR EACH STATEMENT EXECUTE FUNCTION veloc_keep_incident()
    """),
    SQL("ALTER TABLE veloc_incident ENABLE ALWAYS TRIGGER veloc_keep_incidents"),
)


class VelocIncident(models.Model):
    """The register of art. 10: at least five years, and nobody deletes from it."""

    _inherit = "veloc.incident"

    def init(self):
        """Refuse DELETE and TRUNCATE in the database itself."""
        result = super().init()
        for statement in (_KEEP, *_TRIGGERS):
            self.env.cr.execute(statement)
        return result

    def unlink(self):  # pylint: disable=method-required-super
        # pylint: disable-next=no-raise-unlink  # refusing is the point
        raise UserError(self.env._("The register of incidents is never deleted from."))

    def copy(self, default=None):  # pylint: disable=method-required-super
        raise UserError(self.env._("An incident happens once: register another one."))
