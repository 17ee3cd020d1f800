from odoo import fields, models


class VelocReachUse(models.Model):
    """When a person was last written to first, for the limit of a portfolio."""

    _name = "veloc.reach.use"
    _description = "Use of a portfolio's limit"
    _log_access = False

    portfolio_id = fields.Many2one(
        "veloc.reach.portfolio", required=True, readonly=True, ondelete="cascade"
    )
    address = fields.Char(required=True, readonly=True)
    used_at = fields.Datetime(required=True, readonly=True)

    _person_unique = models.Constraint(
        "UNIQUE (portfolio_id, address)", "A person counts once."
    )
    _used_idx = models.Index("(portfolio_id, used_at)")
