from odoo import api, fields, models
from odoo.exceptions import ValidationError

OUTCOMES = [
    ("fine", "In order"),
    ("findings", "In order, with findings"),
    ("failed", "Not in order"),
]


class VelocVendorCheck(models.Model):
    """One look at a vendor: what was asked, what was found. Never changed."""

    _name = "veloc.vendor.check"
    _description = "Check of a vendor"
    _inherit = ["veloc.append.only"]
    _order = "checked_on desc, id desc"
    _log_access = False

    vendor_id = fields.Many2one(
        "veloc.vendor", required=True, ondelete="restrict", index=True
    )
    checked_on = fields.Date(required=True, default=fields.Date.context_today)
    checked_by = fields.Many2one(
        "res.users", required=True, readonly=True, default=lambda self: self.env.user,
        ondelete="restrict",
    )  # fmt: skip
    outcome = fields.Selection(OUTCOMES, required=True)
    finding = fields.Text("What was looked at and found", required=True)

    @api.model_create_multi
    def create(self, vals_list):
        """Store checks; who made them is who is logged in."""
        return super().create(
            [values | {"checked_by": self.env.uid} for values in vals_list]
        )

    @api.constrains("checked_on")
    def _check_not_ahead(self):
        today = fields.Date.context_today(self)
        if any(check.checked_on > today for check in self):
            raise ValidationError(self.env._("A check cannot be dated in the future."))

    def _compute_display_name(self):
        for check in self:
            check.display_name = f"{check.vendor_id.name} · {check.checked_on}"
