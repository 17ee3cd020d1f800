"""How good the data of all traders are, day by day."""

from odoo import fields, models

MEASURES = [
    ("name", "Name"),
    ("email", "E-mail"),
    ("phone", "Phone"),
    ("cpf", "CPF (clients)"),
    ("birth_date", "Birth date"),
    ("zone", "Time zone"),
    ("valid", "Without findings"),
    ("unique", "Without open duplicates"),
]


class VelocDataQuality(models.Model):
    """One measure of one day: how many of how many people are in order."""

    _name = "veloc.data.quality"
    _description = "Data Quality"
    _order = "day desc, measure"
    _rec_name = "measure"
    _log_access = False

    day = fields.Date(required=True, readonly=True, index=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    measure = fields.Selection(MEASURES, required=True, readonly=True)
    good_count = fields.Integer("In order", readonly=True)
    total_count = fields.Integer("People", readonly=True)
    percent = fields.Float("In order (%)", readonly=True, aggregator="avg")
    change = fields.Float("Against 30 days ago", readonly=True, aggregator=None)
    is_latest = fields.Boolean(readonly=True)

    _day_unique = models.Constraint(
        "UNIQUE (day, company_id, measure)", "One row per day and measure."
    )
