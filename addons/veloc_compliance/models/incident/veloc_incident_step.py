from odoo import fields, models

PHASES = [
    ("contain", "1. Contain"),
    ("assess", "2. Assess"),
    ("communicate", "3. Communicate"),
    ("learn", "4. Learn"),
]


class VelocIncidentStep(models.Model):
    """A line of the checklist that every new incident starts with."""

    _name = "veloc.incident.step"
    _description = "Checklist of incidents"
    _order = "phase, sequence, id"

    name = fields.Char(required=True, translate=True)
    phase = fields.Selection(PHASES, required=True, default="contain")
    sequence = fields.Integer(default=10)
    hours = fields.Integer(
        "Within (hours)", default=24, help="Counted from the first sign."
    )
    is_mandatory = fields.Boolean(
        "Mandatory", default=True, help="The incident cannot be closed without it."
    )
    is_notice_only = fields.Boolean("Only if communicated")
    help_text = fields.Text("How", translate=True)
    active = fields.Boolean(default=True)
