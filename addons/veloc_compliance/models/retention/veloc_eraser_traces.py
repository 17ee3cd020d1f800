from collections import Counter

from odoo import api, models
from odoo.tools import SQL

# What Odoo keeps of a portal user beside the record; where a module is missing, so is
# the table.
OF_USER = (
    ("res_users_apikeys", "user_id"),
    ("auth_totp_device", "user_id"),
    ("auth_passkey_key", "create_uid"),
    ("res_users_log", "create_uid"),
    ("res_device_log", "user_id"),
    ("res_users_settings", "user_id"),
)
OF_PARTNER = (
    ("mail_push_device", "partner_id"),
    ("mail_followers", "partner_id"),
    ("mail_presence", "guest_partner_id"),
)


class VelocEraser(models.AbstractModel):
    """What Odoo itself remembers of a person, outside of the map's fields."""

    _inherit = "veloc.eraser"

    @api.model
    def _delete_traces(self, people):
        """Delete log-ins, devices, files sent and addresses below; return counts."""
        counts = Counter()
        users = people.with_context(active_test=False).user_ids
        counts += self._delete_of(OF_USER, users.ids)
        counts += self._delete_of(OF_PARTNER, people.ids)
        counts["ir.attachment"] += self._delete_sent_files(people)
        self._shut_users(users)
        self._empty_addresses(people)
        return counts

    def _delete_of(self, tables, ids):
        counts = Counter()
        if not ids:
            return counts
        for table, column in tables:
            if self._has_column(table, column):
                rows = self.env.execute_query(
                    SQL(
                        "DELETE FROM %s WHERE %s = ANY(%s) RETURNING 1",
                        SQL.identifier(table),
                        SQL.identifier(column),
                        ids,
                    )
                )
                counts[table.replace("_", ".")] += len(rows)
        return counts

    @api.model
    def _has_column(self, table, column):
        return bool(
            self.env.execute_query(
                SQL(
                    "SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass(%s)"
                    " AND attname = %s AND NOT attisdropped",
                    table,
                    column,
                )
            )
        )

    def _delete_sent_files(self, people):
        """Delete files that came with these people's own messages."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT r.attachment_id FROM message_attachment_rel r
                JOIN mail_message m ON m.id = r.message_id
                WHERE m.author_id = ANY(%s)
                """,
                people.ids,
            )
        )
        # sudo: files belong to records that no single role may touch.
        files_sudo = self.env["ir.attachment"].sudo().browse(row[0] for row in rows)
        files_sudo.unlink()
        return len(rows)

    def _shut_users(self, users):
        """Leave no way in and no secret of the portal users."""
        if not users:
            return
        secrets = [
            name
            for name in ("password", "totp_secret")
            if self._has_column("res_users", name)
        ]
        self.env.cr.execute(
            SQL(
                "UPDATE res_users SET active = false, %s WHERE id = ANY(%s)",
                SQL(", ").join(SQL("%s = NULL", SQL.identifier(n)) for n in secrets),
                users.ids,
            )
        )
        self.env.registry.clear_cache()

    def _empty_addresses(self, people):
        """Empty the addresses kept below a person: they are the person's own."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE res_partner SET name = NULL, complete_name = NULL,
                    street = NULL, street2 = NULL, zip = NULL, city = NULL,
                    email = NULL, email_normalized = NULL, phone = NULL,
                    phone_sanitized = NULL, comment = NULL, active = false
                WHERE parent_id = ANY(%s) AND type <> 'contact'
                """,
                people.ids,
            )
        )
