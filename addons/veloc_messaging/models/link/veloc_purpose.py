from odoo import fields, models


class VelocPurpose(models.Model):
    """What may be watched in the messages of a purpose; its page says so (art. 9)."""

    _inherit = "veloc.purpose"

    track_clicks = fields.Boolean(
        "Count clicks",
        default=True,
        help="Links of this purpose's messages lead through our short address, which "
        "counts who follows them. Off: they lead straight to their page.",
    )
    track_opens = fields.Boolean(
        "Count opened e-mails",
        default=False,
        help="An invisible image tells when an e-mail is opened. Off unless the notice "
        "of this purpose says so: the reader does nothing to give it away.",
    )
