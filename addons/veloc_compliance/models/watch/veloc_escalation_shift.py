from odoo import api, fields, models

from ...rules import duty


class VelocEscalationShift(models.Model):
    """Somebody's watch on a level: while it lasts, its alerts are theirs."""

    _name = "veloc.escalation.shift"
    _description = "On-duty shift"
    _order = "starts_at desc, id desc"

    level_id = fields.Many2one("veloc.escalation", required=True, ondelete="cascade")
    user_id = fields.Many2one(
        "res.users",
        "On duty",
        required=True,
        domain=[("share", "=", False)],
        default=lambda self: self.env.uid,
        ondelete="cascade",
    )
    starts_at = fields.Datetime(required=True, index=True)
    stops_at = fields.Datetime("Ends at", required=True)
    is_weekly = fields.Boolean("Every week")
    until = fields.Datetime(
        "Repeats until", help="Empty: until somebody changes the roster."
    )

    _ends_after_start = models.Constraint(
        "CHECK (stops_at > starts_at AND stops_at <= starts_at + interval '7 days')",
        "A shift ends after it starts, a week later at the most.",
    )

    @api.depends("level_id", "user_id")
    def _compute_display_name(self):
        for shift in self:
            shift.display_name = f"{shift.user_id.name} · {shift.level_id.name}"

    def _rules(self):
        """Return the rule's view of these shifts."""
        return [
            duty.Shift(
                shift.user_id.id,
                shift.starts_at,
                shift.stops_at,
                shift.is_weekly,
                shift.until or None,
            )
            for shift in self
        ]
