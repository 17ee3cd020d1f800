from odoo import api, fields, models
from odoo.exceptions import UserError

from ..const import CHANNEL_SUPPRESSIONS, CHANNELS, SUPPRESSION_KINDS


class VelocSuppressionImpose(models.TransientModel):
    """Put people out of reach by hand, with the reason."""

    _name = "veloc.suppression.impose"
    _description = "Suppress people"

    partner_ids = fields.Many2many("res.partner", string="People", required=True)
    kind = fields.Selection(SUPPRESSION_KINDS, required=True)
    needs_channel = fields.Boolean(compute="_compute_needs_channel")
    channel = fields.Selection(CHANNELS)
    until_at = fields.Datetime("Until", help="Empty: until lifted.")
    note = fields.Text("Reason", required=True)

    # === COMPUTE === #

    @api.depends("kind")
    def _compute_needs_channel(self):
        for wizard in self:
            wizard.needs_channel = wizard.kind in CHANNEL_SUPPRESSIONS

    # === ACTIONS === #

    def action_impose(self):
        """Impose it; people who are suppressed for this reason already stay so."""
        self.ensure_one()
        if self.until_at and self.until_at <= fields.Datetime.now():
            raise UserError(self.env._("The end must lie in the future."))
        if self.needs_channel and not self.channel:
            raise UserError(self.env._("Choose the channel this is about."))
        self.env["veloc.suppression"]._impose(
            self.partner_ids.ids,
            self.kind,
            channel=self.needs_channel and self.channel,
            source="staff",
            note=self.note,
            until=self.until_at,
        )
        return {"type": "ir.actions.act_window_close"}
