from odoo import fields, models


class VelocLegalHoldLift(models.TransientModel):
    """Say why holds may end; a second officer confirms."""

    _name = "veloc.legal.hold.lift"
    _description = "Ask to lift legal holds"

    hold_ids = fields.Many2many(
        "veloc.legal.hold",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    reason = fields.Text("Why they may be lifted", required=True)

    # === ACTIONS === #

    def action_ask(self):
        """Put the question to a second officer."""
        self.ensure_one()
        self.hold_ids._ask_lift(self.reason)
        return {"type": "ir.actions.act_window_close"}
