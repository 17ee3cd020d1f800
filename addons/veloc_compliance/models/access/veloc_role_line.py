from odoo import api, fields, models
from odoo.tools import SQL

VIEW = SQL(
    """
    CREATE OR REPLACE VIEW veloc_role_line AS
    WITH RECURSIVE held(group_id, has_id) AS (
        SELECT id, id FROM res_groups
        UNION
        SELECT held.group_id, implied.hid FROM held
        JOIN res_groups_implied_rel implied ON implied.gid = held.has_id
    ), ours AS (
        SELECT DISTINCT res_id AS id FROM ir_model_data
         WHERE model = 'res.groups' AND module LIKE 'veloc\\_%%'
    )
    SELECT held.group_id::bigint * 1000000 + access.model_id AS id,
           held.group_id, access.model_id, model.model AS model_code,
           bool_or(access.perm_read) AS may_read,
           bool_or(access.perm_write) AS may_write,
           bool_or(access.perm_create) AS may_create,
           bool_or(access.perm_unlink) AS may_delete
      FROM held
      JOIN ours ON ours.id = held.group_id
      JOIN ir_model_access access
        ON access.active AND (access.group_id = held.has_id
                              OR access.group_id IS NULL)
      JOIN ir_model model ON model.id = access.model_id AND NOT model.transient
     WHERE model.model LIKE 'veloc.%%'
        OR model.model IN ('res.partner', 'res.users', 'res.groups', 'crm.lead')
     GROUP BY held.group_id, access.model_id, model.model
    HAVING bool_or(access.perm_read) OR bool_or(access.perm_write)
        OR bool_or(access.perm_create) OR bool_or(access.perm_unlink)
    """
)


class VelocRoleLine(models.Model):
    """What each role may do with each kind of record, inherited rights included.

    Read from the access lines as they are now, not as they were meant to be.
    """

    _name = "veloc.role.line"
    _description = "Role matrix"
    _auto = False
    _log_access = False
    _order = "group_id, model_code"

    group_id = fields.Many2one("res.groups", "Role", readonly=True)
    model_id = fields.Many2one("ir.model", "Records", readonly=True)
    model_code = fields.Char("Model", readonly=True)
    may_read = fields.Boolean("Reads", readonly=True)
    may_write = fields.Boolean("Changes", readonly=True)
    may_create = fields.Boolean("Creates", readonly=True)
    may_delete = fields.Boolean("Deletes", readonly=True)
    people = fields.Integer("People with the role", compute="_compute_people")

    @api.depends("group_id")
    def _compute_people(self):
        for line in self:
            # sudo: only the number of people is shown.
            line.people = len(line.group_id.sudo().all_user_ids)

    @api.depends("group_id", "model_id")
    def _compute_display_name(self):
        for line in self:
            # sudo: names of roles and models, which this list is made of.
            line_sudo = line.sudo()
            line.display_name = (
                f"{line_sudo.group_id.display_name} · {line_sudo.model_id.name}"
            )

    def init(self):
        """Make the view."""
        self.env.cr.execute(VIEW)
