"""What an import would do, or did, with one row of the file."""

from odoo import fields, models

OUTCOMES = [("new", "New"), ("duplicate", "Known already"), ("error", "Refused")]


class VelocImportWizardRow(models.TransientModel):
    """The first rows, and those with errors."""

    _name = "veloc.import.wizard.row"
    _description = "Import Row"
    _order = "number"

    wizard_id = fields.Many2one("veloc.import.wizard", ondelete="cascade", index=True)
    number = fields.Integer(string="Line")
    ref = fields.Char(string="Trader")
    at = fields.Datetime(string="Date")
    amount = fields.Float(digits=(16, 2))
    outcome = fields.Selection(OUTCOMES)
    message = fields.Char(string="Why")
