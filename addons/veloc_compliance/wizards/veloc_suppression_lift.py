from odoo import fields, models
from odoo.exceptions import UserError


class VelocSuppressionLift(models.TransientModel):
    """Ask to end suppressions, with the reason; a second person decides."""

    _name = "veloc.suppression.lift"
    _description = "Ask to lift suppressions"

    suppression_ids = fields.Many2many(
        "veloc.suppression",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    note = fields.Text("Reason", required=True)

    # === ACTIONS === #

    def action_lift(self):
        """Ask for all of them, or for none and say which one stays and why."""
        self.ensure_one()
        standing = self.suppression_ids.filtered("is_active")
        # What another contact's block brought along ends with that one only.
        roots = standing.mapped(lambda block: block.origin_id or block)
        for block in roots:
            refusal = block._lift_refusal()
            if refusal:
                raise UserError(self._refusal_message(block, refusal))
        wishes = self.env["veloc.suppression.loosening"]._request(roots, self.note)
        return wishes._open_list() if wishes else self._nothing_new()

    def _nothing_new(self):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("This was asked for already, or is over."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _refusal_message(self, block, refusal):
        if refusal == "runs_until":
            return self.env._(
                "“%(name)s” protects the person and runs its full term.",
                name=block.display_name,
            )
        return self.env._(
            "Only a compliance officer can lift “%(name)s”.", name=block.display_name
        )
