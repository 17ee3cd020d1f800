from odoo import fields, models


class VelocDataClass(models.Model):
    """A class of personal data, as people name it: one for each of the data map."""

    _name = "veloc.data.class"
    _description = "Class of personal data"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, readonly=True)
    sequence = fields.Integer(default=10)

    _code_unique = models.UniqueIndex("(code)", "This class exists.")
