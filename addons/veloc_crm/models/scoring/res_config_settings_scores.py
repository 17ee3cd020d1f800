from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .veloc_score_value import USUAL_RATE


class ResConfigSettings(models.TransientModel):
    """What recent, often and valuable mean here, and what the broker earns."""

    _inherit = "res.config.settings"

    veloc_rfm_recency = fields.Selection(
        [("active", "Last deposit or trade"), ("deposit", "Last deposit")],
        "Recency",
        default="active",
        config_parameter="veloc_crm.rfm_recency",
    )
    veloc_rfm_frequency = fields.Selection(
        [
            ("deposit_days", "Days with a deposit"),
            ("active_days", "Days with a deposit or a trade"),
        ],
        "Frequency",
        default="deposit_days",
        config_parameter="veloc_crm.rfm_frequency",
    )
    veloc_rfm_money = fields.Selection(
        [
            ("net_deposit", "Net deposits"),
            ("deposit_total", "Deposits"),
            ("volume_total", "Volume traded"),
        ],
        "Value",
        default="net_deposit",
        config_parameter="veloc_crm.rfm_money",
    )
    veloc_margin_base = fields.Selection(
        [("volume", "Volume traded"), ("net_deposit", "Net deposits")],
        "Margin on",
        default="volume",
        config_parameter="veloc_crm.margin_base",
    )
    veloc_margin_rate = fields.Float(
        "Margin (%)",
        digits=(16, 4),
        default=USUAL_RATE,
        config_parameter="veloc_crm.margin_rate",
    )
    veloc_score_approval = fields.Selection(
        [
            ("rule", "By rule: the better one replaces the other"),
            ("person", "By a manager"),
        ],
        "Approval of models",
        default="rule",
        config_parameter="veloc_crm.score_approval",
    )

    @api.constrains("veloc_margin_rate")
    def _check_veloc_margin_rate(self):
        for settings in self:
            if not 0 < settings.veloc_margin_rate <= 100:
                raise ValidationError(
                    self.env._("The margin is more than 0 and at most 100 %.")
                )
