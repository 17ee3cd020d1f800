from odoo import fields, models
from odoo.exceptions import UserError


class VelocSuppressionLift(models.TransientModel):
    """End suppressions by hand, with the reason."""

    _name = "veloc.suppression.lift"
    _description = "Lift suppressions"

    suppression_ids = fields.Many2many(
        "veloc.suppression",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    note = fields.Text("Reason", required=True)

    # === ACTIONS === #

    def action_lift(self):
        """Lift all of them, or none and say which one stays and why."""
        self.ensure_one()
        standing = self.suppression_ids.filtered("is_active")
        for block in standing:
            refusal = block._lift_refusal()
            if refusal:
                raise UserError(self._refusal_message(block, refusal))
        standing._end(source="staff", note=self.note)
        return {"type": "ir.actions.act_window_close"}

    def _refusal_message(self, block, refusal):
        if refusal == "runs_until":
            return self.env._(
                "“%(name)s” protects the person and runs its full term.",
                name=block.display_name,
            )
        return self.env._(
            "Only a compliance officer can lift “%(name)s”.", name=block.display_name
        )
