from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..models.retention.veloc_legal_hold import KINDS


class VelocLegalHoldPlace(models.TransientModel):
    """Keep people's data from being destroyed, with the order that says so."""

    _name = "veloc.legal.hold.place"
    _description = "Place a legal hold"

    partner_ids = fields.Many2many(
        "res.partner",
        string="People",
        required=True,
        context={"active_test": False},
        default=lambda self: self._default_partner_ids(),
    )
    # Holds of kind retention come with an erasure and are no one's decision.
    kind = fields.Selection(
        [item for item in KINDS if item[0] != "retention"],
        required=True,
        default="order",
    )
    law = fields.Char("Law or order", required=True)
    reason = fields.Text(required=True)
    until = fields.Date(help="The last day. Empty: until lifted.")

    def _default_partner_ids(self):
        is_people = self.env.context.get("active_model") == "res.partner"
        return self.env.context.get("active_ids") if is_people else False

    # === ACTIONS === #

    def action_place(self):
        """Place one hold on each of these people."""
        self.ensure_one()
        if not self.env.user.has_group("veloc_compliance.group_officer"):
            raise AccessError(self.env._("Only a compliance officer may do this."))
        holds = self.env["veloc.legal.hold"]
        if self.until and self.until < holds._today():
            raise UserError(self.env._("The last day of the hold has passed already."))
        holds._place(self.partner_ids.ids, self.kind, self.law, self.reason, self.until)
        return {"type": "ir.actions.act_window_close"}
