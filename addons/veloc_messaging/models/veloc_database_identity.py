from odoo import api, models
from odoo.tools import SQL

KEY = "veloc_messaging.database_identity"


class VelocDatabaseIdentity(models.AbstractModel):
    """Knows the database it was first sent from, so that a copy sends nothing.

    The name may change and so may Odoo's own id; a copy, restored dump or clone
    always gets another number from PostgreSQL.
    """

    _name = "veloc.database.identity"
    _description = "Identity of the database"

    @api.model
    def _may_send(self):
        """Return whether this is the real database; the first to send is. One query.

        A neutralized one is silent; any other copy tells the managers once.
        """
        here, real, neutralized = self._look()
        if neutralized:
            return False
        if real is None:
            self._remember(here)
            return True
        if here == real:
            return True
        self.env["veloc.messaging.alert"]._raise(
            "database_copy",
            severity="critical",
            detail=self.env._(
                "This looks like a copy of the database that sends: nothing leaves "
                "from here until somebody says that this is the real one."
            ),
        )
        return False

    @api.model
    def _adopt(self):
        """Make this the database that sends; somebody said so."""
        here, _real, _neutralized = self._look()
        self.env.cr.execute(
            SQL("UPDATE ir_config_parameter SET value = %s WHERE key = %s", here, KEY)
        )
        self.env.registry.clear_cache()
        self.env["veloc.messaging.alert"]._clear("database_copy")
        for lane in ("urgent", "bulk"):
            self.env["veloc.dispatcher"]._wake(lane)

    def _look(self):
        """Return where we are, where we first sent, and whether we are neutralized."""
        self.env["ir.config_parameter"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT (SELECT system_identifier FROM pg_control_system())
                       || ':' || oid,
                       (SELECT value FROM ir_config_parameter WHERE key = %s),
                       EXISTS (SELECT FROM ir_config_parameter
                                WHERE key = 'database.is_neutralized'
                                  AND lower(value) IN ('t', 'true', '1'))
                  FROM pg_database WHERE datname = current_database()
                """,
                KEY,
            )
        )
        return rows[0]

    def _remember(self, here):
        # Several jobs may be the first at once; they mean the same.
        self.env.cr.execute(
            SQL(
                "INSERT INTO ir_config_parameter (key, value, create_uid, create_date, "
                "write_uid, write_date) VALUES (%s, %s, %s, now(), %s, now()) "
                "ON CONFLICT (key) DO NOTHING",
                KEY,
                here,
                self.env.uid,
                self.env.uid,
            )
        )
