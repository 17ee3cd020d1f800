from odoo import fields, models


class VelocAccount(models.Model):
    """How fast an account may be, and how often it failed in a row."""

    _inherit = "veloc.account"

    failures = fields.Integer(
        "Failures in a row",
        readonly=True,
        default=0,
        help="How often the account had to rest without a message getting through.",
    )
