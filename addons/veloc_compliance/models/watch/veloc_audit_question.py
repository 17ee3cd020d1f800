from odoo import fields, models

EVIDENCE = [
    ("ledger", "Ledger: entries, last head, verification"),
    ("consent", "Consents given and revoked"),
    ("suppression", "Suppressions in force"),
    ("requests", "Requests of data subjects and their terms"),
    ("incidents", "Incidents and their clocks"),
    ("alerts", "Alerts, and how soon somebody took them"),
    ("backups", "Backups and restore tests"),
    ("access", "Who holds which powerful role"),
    ("rules", "Rules that are off, failed or were slow"),
    ("retention", "Retention and erasures"),
    ("purposes", "Purposes and their legal bases"),
]


class VelocAuditQuestion(models.Model):
    """One question of a plan, and the evidence that the system gathers for it."""

    _name = "veloc.audit.question"
    _description = "Audit question"
    _order = "sequence, id"
    _rec_name = "question"

    plan_id = fields.Many2one("veloc.audit.plan", required=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    question = fields.Char(required=True, translate=True)
    how = fields.Text("How to look", translate=True)
    article = fields.Char("Law or duty")
    evidence = fields.Selection(
        EVIDENCE, "Automatic evidence", help="Numbers that are gathered by themselves."
    )
    wants_file = fields.Boolean(
        "Needs a file", help="It cannot be answered without an attachment."
    )
