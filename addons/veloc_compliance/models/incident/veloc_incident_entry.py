from odoo import fields, models

KINDS = [
    ("registered", "Registered"),
    ("changed", "Fact changed"),
    ("state", "Step"),
    ("decision", "Decision"),
    ("list", "Affected people"),
    ("letter", "Letters"),
    ("authority", "Authority"),
    ("subjects", "People told"),
    ("proof", "Proof"),
    ("addition", "Addition"),
    ("public", "Public notice"),
    ("measure", "Measure"),
    ("task", "Task"),
    ("export", "Form exported"),
    ("note", "Note"),
]
# What people write by hand; the rest comes from the steps themselves.
BY_HAND = ("note", "measure", "addition", "authority", "subjects")


class VelocIncidentEntry(models.Model):
    """One line of an incident's timeline: written once, held by the database."""

    _name = "veloc.incident.entry"
    _description = "Timeline of an incident"
    _inherit = ["veloc.append.only"]
    _log_access = False
    _order = "at desc, id desc"
    _rec_name = "text"

    incident_id = fields.Many2one(
        "veloc.incident", required=True, readonly=True, ondelete="restrict", index=True
    )
    at = fields.Datetime("When", required=True, readonly=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    text = fields.Text(required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", "Who", required=True, readonly=True, ondelete="restrict"
    )
