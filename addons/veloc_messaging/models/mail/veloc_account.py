from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...rules import bounce_address


class VelocAccount(models.Model):
    """Where the mail goes that comes back."""

    _inherit = "veloc.account"

    bounce_mailbox = fields.Char(
        "Bounces to",
        help="A mailbox that Odoo reads, as in bounce@mail.veloc.example. Each e-mail "
        "gets an address of its own in it: bounce+…@mail.veloc.example.",
    )
    reply_mailbox = fields.Char(
        "Answers to",
        help="A mailbox that Odoo reads, as in ola@mail.veloc.example: what people "
        "answer comes into the conversations. Empty: answers go to the sender.",
    )

    @api.constrains("bounce_mailbox", "reply_mailbox")
    def _check_mailboxes(self):
        for account in self:
            boxes = filter(None, (account.bounce_mailbox, account.reply_mailbox))
            if not all(map(bounce_address.is_mailbox, boxes)):
                raise ValidationError(
                    self.env._(
                        "A mailbox is a plain address in small letters with at most 15 "
                        "characters before the @, as in bounce@mail.veloc.example."
                    )
                )
