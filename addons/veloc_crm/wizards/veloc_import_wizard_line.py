"""Which column of an imported file means what."""

from odoo import fields, models

TARGETS = [
    ("ref", "Trader's reference"),
    ("at", "Date"),
    ("amount", "Amount"),
    ("type", "Kind of transaction"),
    ("currency", "Currency"),
    ("id", "Transaction id"),
    ("name", "Name"),
    ("email", "E-mail"),
    ("phone", "Phone"),
    ("cpf", "CPF"),
    ("birth_date", "Birth date"),
    ("state", "State (UF)"),
    ("zone", "Time zone"),
    ("language", "Language"),
    ("utm_source", "UTM source"),
    ("utm_medium", "UTM medium"),
    ("utm_campaign", "UTM campaign"),
]


class VelocImportWizardLine(models.TransientModel):
    """One column, what it holds, and the field it goes to."""

    _name = "veloc.import.wizard.line"
    _description = "Import Column"

    wizard_id = fields.Many2one("veloc.import.wizard", ondelete="cascade")
    column = fields.Char(required=True)
    sample = fields.Char(string="First Values")
    target = fields.Selection(TARGETS, string="Means")
