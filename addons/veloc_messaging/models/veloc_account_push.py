from odoo import api, models

from ..providers import vapid


class VelocAccount(models.Model):
    """The account whose key browsers subscribe with."""

    _inherit = "veloc.account"

    def _provider_options(self):
        """Name somebody the push services can write to about us (RFC 8292)."""
        options = super()._provider_options()
        if self.provider == "push":
            sender = self.sender or self.env["veloc.contact.gate"]._public_url()
            is_address = "@" in sender and ":" not in sender
            options["contact"] = f"mailto:{sender}" if is_address else sender
        return options

    @api.model
    def _push_account(self):
        """Return the account that new subscriptions are made with, maybe none."""
        company = self.env.company
        accounts = self.search(
            [("provider", "=", "push"), ("company_id", "in", [company.id, False])],
            order="state, sequence, id",
        )
        return accounts.filtered(lambda account: account._push_public_key())[:1]

    def _push_public_key(self):
        """Return the key that browsers are given, "" without a usable secret."""
        if self.provider != "push":
            return ""
        try:
            return vapid.public_key(self._secrets().main)
        except ValueError:
            return ""
