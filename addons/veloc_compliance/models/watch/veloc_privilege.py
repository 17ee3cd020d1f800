from odoo import api, fields, models
from odoo.tools import SQL

POWERFUL = (
    "base.group_system",
    "base.group_erp_manager",
    "base.group_allow_export",
    "veloc_compliance.group_officer",
    "veloc_compliance.group_auditor",
    "veloc_compliance.group_secrecy",
    "veloc_compliance.group_recorder",
)


class VelocPrivilege(models.Model):
    """Who is known to hold which powerful role; what is new since is told.

    A comparison sees every way into a group: the screen, another group that implies
    it, an import, a statement typed into the database.
    """

    _name = "veloc.privilege"
    _description = "Powerful role held"
    _order = "group_id, user_id"
    _log_access = False

    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="cascade"
    )
    group_id = fields.Many2one(
        "res.groups", "Role", required=True, readonly=True, ondelete="cascade"
    )
    seen_at = fields.Datetime("Known since", readonly=True)

    _once = models.UniqueIndex("(user_id, group_id)")

    @api.model
    def _powerful(self):
        """Return the groups that are watched; addons above add theirs."""
        groups = self.env["res.groups"]
        for xmlid in POWERFUL:
            groups |= self.env.ref(xmlid, raise_if_not_found=False) or groups
        return groups

    @api.model
    def _held(self):
        """Return {(user id, group id)} of today; one query."""
        powerful = self._powerful()
        if not powerful:
            return set()
        inside = {}
        for group in powerful:
            for lower in (group | group.all_implied_by_ids).ids:
                inside.setdefault(lower, []).append(group.id)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT r.uid, r.gid FROM res_groups_users_rel r
                  JOIN res_users u ON u.id = r.uid AND u.active
                 WHERE r.gid = ANY(%s)
                """,
                list(inside),
            )
        )
        return {(uid, group) for uid, gid in rows for group in inside[gid]}

    @api.model
    def _compare(self, now):
        """Return the (user id, group id) that are new, and know them from now on."""
        held = self._held()
        known = {
            (user_id, group_id)
            for user_id, group_id in self.env.execute_query(
                SQL("SELECT user_id, group_id FROM veloc_privilege")
            )
        }
        for old in known - held:
            self.env.cr.execute(
                SQL(
                    "DELETE FROM veloc_privilege WHERE user_id = %s AND group_id = %s",
                    *old,
                )
            )
        new = held - known
        if not new:
            return []
        written = self.env.execute_query(
            SQL(
                "INSERT INTO veloc_privilege (user_id, group_id, seen_at) VALUES %s "
                "ON CONFLICT DO NOTHING RETURNING user_id, group_id",
                SQL(", ").join(SQL("%s", (*pair, now)) for pair in sorted(new)),
            )
        )
        self.invalidate_model()
        # Nothing was known: this is the first look, and a single alert says so.
        return [] if not known else written
