from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError


class VelocExportGrant(models.Model):
    """The officer's leave to take out more rows than the role allows, for a while."""

    _name = "veloc.export.grant"
    _description = "Export grant"
    _order = "id desc"
    _veloc_ledger_fields = frozenset({"user_id", "rows", "until", "reason"})

    user_id = fields.Many2one(
        "res.users",
        "For",
        required=True,
        ondelete="restrict",
        domain=[("share", "=", False)],
    )
    rows = fields.Integer("More rows a day", required=True, default=1000)
    until = fields.Datetime(
        "Good until",
        required=True,
        default=lambda self: fields.Datetime.now() + timedelta(days=1),
    )
    reason = fields.Text("What it is for", required=True)
    granted_by_id = fields.Many2one(
        "res.users", readonly=True, default=lambda self: self.env.user
    )
    is_good = fields.Boolean("Good now", compute="_compute_is_good")

    _rows_positive = models.Constraint(
        "CHECK (rows > 0)", "A grant is for at least one row."
    )

    # === COMPUTE === #

    @api.depends("until")
    def _compute_is_good(self):
        now = fields.Datetime.now()
        for grant in self:
            grant.is_good = bool(grant.until and grant.until > now)

    @api.depends("user_id", "rows")
    def _compute_display_name(self):
        for grant in self:
            # sudo: the name of the person the grant is for.
            grant.display_name = f"{grant.user_id.sudo().name} · {grant.rows}"

    # === CONSTRAINTS === #

    @api.constrains("user_id", "granted_by_id")
    def _check_two_people(self):
        for grant in self:
            if grant.user_id == grant.granted_by_id:
                raise ValidationError(
                    self.env._("Nobody grants himself more: ask another officer.")
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        # Who grants is who is signed in, whatever the form says.
        for values in vals_list:
            values["granted_by_id"] = self.env.uid
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and vals.keys() - {"reason"}:
            raise AccessError(
                self.env._("A grant is ended or made anew, never changed.")
            )
        return super().write(vals)

    # === ACTIONS === #

    def action_end(self):
        """End these grants now (button)."""
        self.check_access("write")
        # sudo: access was checked; the date is written by this button alone.
        self.sudo().write({"until": fields.Datetime.now()})
        return True

    # === BUSINESS === #

    @api.model
    def _rows(self, user, now):
        """Return how many rows are granted to this user at this moment."""
        grants = self.search([("user_id", "=", user.id), ("until", ">", now)])
        return sum(grants.mapped("rows"))
