from odoo import fields, models


class ResCompany(models.Model):
    """How strict this house is with its own words."""

    _inherit = "res.company"

    veloc_two_person_approval = fields.Boolean(
        "Two people approve a template",
        default=True,
        help="Who wrote a version or asked for its approval cannot approve it.",
    )
