from odoo import fields, models

DEEDS = [
    ("requested", "Approval asked for"),
    ("withdrawn", "Taken back"),
    ("sent_back", "Sent back"),
    ("approved", "Approved"),
]


class VelocTemplateReview(models.Model):
    """Who asked for an approval, who gave or refused it, when and why."""

    _name = "veloc.template.review"
    _description = "Step of the approval of a template"
    _order = "id desc"
    _rec_name = "deed"

    version_id = fields.Many2one(
        "veloc.template.version",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    deed = fields.Selection(DEEDS, "What", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Who", required=True, readonly=True)
    at = fields.Datetime("When", required=True, readonly=True)
    reason = fields.Text("Why", readonly=True)
