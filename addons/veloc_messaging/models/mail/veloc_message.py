from odoo import fields, models


class VelocMessage(models.Model):
    """Whether the person called the message spam."""

    _inherit = "veloc.message"

    complained_at = fields.Datetime(
        "Reported as spam at",
        readonly=True,
        help="The person's mail service told us so; everything promotional by e-mail "
        "has ended for them.",
    )
    _complained_idx = models.Index(
        "(account_id, complained_at) WHERE complained_at IS NOT NULL"
    )
