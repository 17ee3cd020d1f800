from odoo import fields, models

# What decides where a look-up looks and what it takes for ours.
_WHERE = {
    "provider",
    "channel",
    "account_sid",
    "sender",
    "messaging_service_sid",
    "base_url",
}


class VelocAccount(models.Model):
    """Remembers since when it is another one at the provider.

    What left before cannot be looked up any more: that it is not found there proves
    nothing, and sending it again would be sending it twice.
    """

    _inherit = "veloc.account"

    moved_at = fields.Datetime(
        "Changed at the provider",
        readonly=True,
        copy=False,
        help="Messages in doubt that left before are settled by their report or by a "
        "person: asking the provider proves nothing about them.",
    )

    def write(self, vals):
        """Note when an account or its sender changes."""
        names = _WHERE & set(vals)
        before = {account: account._where(names) for account in self}
        result = super().write(vals)
        moved = self.filtered(lambda a: a._where(names) != before[a])
        if moved:
            # sudo: nobody sets this by hand.
            moved.sudo().write({"moved_at": fields.Datetime.now()})
        return result

    def _where(self, names):
        # sudo: the base address is the administrator's; it is only compared.
        account_sudo = self.sudo()
        return [account_sudo[name] for name in names]
