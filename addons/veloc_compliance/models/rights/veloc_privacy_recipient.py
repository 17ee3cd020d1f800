from odoo import fields, models

KINDS = [
    ("operator", "Operator (processes for us)"),
    ("controller", "Controller (decides by itself)"),
    ("authority", "Authority"),
]
WAYS = [
    ("email", "By e-mail"),
    ("program", "Fetched by a program"),
    ("manual", "By hand"),
]


class VelocPrivacyRecipient(models.Model):
    """Somebody we share personal data with, and how we tell them of a change."""

    _name = "veloc.privacy.recipient"
    _description = "Recipient of personal data"
    _order = "name, id"

    name = fields.Char(required=True)
    kind = fields.Selection(KINDS, required=True, default="operator")
    purpose = fields.Char("What for", required=True, translate=True)
    country_id = fields.Many2one("res.country", required=True)
    data_class_ids = fields.Many2many("veloc.data.class", string="Data", required=True)
    way = fields.Selection(WAYS, "Told", required=True, default="email")
    email = fields.Char("E-mail of their encarregado")
    user_id = fields.Many2one(
        "res.users", "Their program", ondelete="restrict", help="Its login here."
    )
    answer_days = fields.Integer("Days to confirm", required=True, default=5)
    note = fields.Text()
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)

    _days_positive = models.Constraint(
        "CHECK (answer_days > 0)", "They need at least one day."
    )
    _email_known = models.Constraint(
        "CHECK (way <> 'email' OR email IS NOT NULL)",
        "Told by e-mail, they need an address.",
    )
