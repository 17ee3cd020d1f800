from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..models.care.veloc_care_limit import KINDS, PERIODS


class VelocCareLimitSet(models.TransientModel):
    """Note a limit that a person asked for by phone, in writing or in a chat."""

    _name = "veloc.care.limit.set"
    _description = "Set a person's limit"

    partner_id = fields.Many2one("res.partner", "Person", required=True)
    kind = fields.Selection(KINDS, required=True, default="deposit")
    period = fields.Selection(PERIODS, required=True, default="month")
    is_removal = fields.Boolean("Take the limit away")
    amount = fields.Monetary()
    currency_id = fields.Many2one(
        "res.currency", default=lambda self: self.env.company.currency_id
    )
    minutes = fields.Integer()

    # === ACTIONS === #

    def action_set(self):
        """Set it: a lower limit holds at once, a higher one after the wait."""
        self.ensure_one()
        if not self.env.user.has_group("veloc_compliance.group_advanced"):
            raise AccessError(self.env._("Only the compliance desk may do this."))
        # sudo: nobody has create rights; the caller was checked.
        self.env["veloc.care.limit"].sudo()._set_limit(
            self.partner_id,
            self.kind,
            self.period,
            self._value(),
            self.currency_id,
            source="staff",
        )
        return {"type": "ir.actions.act_window_close"}

    def _value(self):
        """Return the wished limit, None for none at all."""
        if self.is_removal:
            return None
        value = self.minutes if self.kind == "time" else self.amount
        if value < 0 or (self.kind == "time" and not value):
            raise UserError(self.env._("Say how much the limit is."))
        return Decimal(str(value))
