from odoo import fields, models


class VelocAlertClose(models.TransientModel):
    """Asks what became of an alert: done, or nothing; with the reason."""

    _name = "veloc.alert.close"
    _description = "Close an alert"

    alert_ids = fields.Many2many(
        "veloc.alert",
        required=True,
        readonly=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    outcome = fields.Selection(
        [("resolved", "Resolved"), ("false_alarm", "False alarm")],
        required=True,
        default="resolved",
    )
    reason = fields.Text(required=True)

    def action_close(self):
        """Close the alerts with this reason (button)."""
        self.alert_ids._close_by_person(self.outcome, self.reason)
        return True
