"""One rung of a tried ladder."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..rules.tiers import ALL, ANY, METRICS, Rung


class VelocLadderTryLine(models.TransientModel):
    """The thresholds as they would be."""

    _name = "veloc.ladder.try.line"
    _description = "Tried Threshold"

    try_id = fields.Many2one("veloc.ladder.try", required=True, ondelete="cascade")
    rung_id = fields.Integer(required=True, readonly=True)
    name = fields.Char(readonly=True)
    deposit_total = fields.Float(string="Deposits From")
    deposit_total_90d = fields.Float(string="Deposits in 90 Days From")
    net_deposit = fields.Float(string="Net Deposits From")
    volume_30d = fields.Float(string="Volume in 30 Days From")
    volume_90d = fields.Float(string="Volume in 90 Days From")
    trades_30d = fields.Integer(string="Trades in 30 Days From")
    points = fields.Integer(string="Points From")
    match = fields.Selection(
        [(ANY, "One is enough"), (ALL, "All of them")],
        string="Thresholds Needed",
        required=True,
        default=ANY,
    )
    stay_percent = fields.Integer(string="To Stay (%)", required=True, default=80)

    @api.constrains(*METRICS, "stay_percent")
    def _check_numbers(self):
        for line in self:
            if any(line[name] < 0 for name in METRICS):
                raise ValidationError(self.env._("Thresholds cannot be negative."))
            if not 1 <= line.stay_percent <= 100:
                raise ValidationError(
                    self.env._("To stay takes between 1 and 100 % of a threshold.")
                )

    def _get_rung(self):
        """Return the rung that would be changed; refused to who may not edit it."""
        self.ensure_one()
        model = "veloc.tier" if self.try_id.ladder == "tier" else "veloc.vip.level"
        return self.env[model].browse(self.rung_id)

    def _prepare_rung(self):
        rung = self._get_rung()
        return Rung(
            rung.id,
            {name: Decimal(str(self[name])) for name in METRICS if self[name]},
            self.match,
            self.stay_percent,
            company_id=rung.company_id.id or None,
        )
