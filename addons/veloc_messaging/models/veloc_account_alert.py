from odoo import fields, models

# Nothing leaves without a secret of the account's own.
SECRETIVE = {"twilio", "whatsapp", "push"}


class VelocAccount(models.Model):
    """An account that stops tells the managers, and goes on by hand only."""

    _inherit = "veloc.account"

    resumed_at = fields.Datetime(
        readonly=True,
        copy=False,
        help="Thresholds look at what happened since then.",
    )
    limit_ids = fields.One2many("veloc.delivery.limit", "account_id", "Thresholds")

    def write(self, vals):
        """Remember when an account went on, and close the alerts of its pause."""
        goes_on = vals.get("state") == "active"
        resumed = self.filtered(lambda a: a.state == "paused") if goes_on else self[:0]
        if resumed and "resumed_at" not in vals:
            vals = {**vals, "resumed_at": fields.Datetime.now()}
        result = super().write(vals)
        for account in resumed:
            for kind in ("account_paused", "no_credentials"):
                self.env["veloc.messaging.alert"]._clear(kind, account)
        return result

    def _pause(self, reason):
        """Stop the account and tell the managers, once."""
        stopped = self.filtered(lambda account: account.state == "active")
        result = super()._pause(reason)
        for account in stopped:
            kind = "account_paused" if account._has_credentials() else "no_credentials"
            self.env["veloc.messaging.alert"]._raise(
                kind, account, severity="critical", detail=reason
            )
        return result

    def _has_credentials(self):
        """Return whether the account could show the provider who it is."""
        if self.provider not in SECRETIVE:
            return True
        secrets = self._secrets()
        return bool(secrets.main or secrets.named.get("api_key"))

    def _budget_left(self, now):
        """Return {account id: people that may still be written to}, where limited."""
        # sudo: how much is left is no secret of those who may see the account.
        portfolios_sudo = self.portfolio_id.sudo().filtered("daily_limit")
        used = portfolios_sudo._count_used(portfolios_sudo.ids, now)
        left = {
            portfolio.id: max(portfolio.daily_limit - used.get(portfolio.id, 0), 0)
            for portfolio in portfolios_sudo
        }
        return {
            account.id: left[account.portfolio_id.id]
            for account in self
            if account.portfolio_id.id in left
        }

    def _pause_without_credentials(self):
        """Stop the accounts whose secret is gone; what is queued waits."""
        for account in self:
            if account.state == "active" and not account._has_credentials():
                account._pause(
                    self.env._(
                        "No credentials: %(name)s is not set where Odoo runs.",
                        name=account.secret_name,
                    )
                )
