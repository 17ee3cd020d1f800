from odoo import api, models


class VelocMessagingAlert(models.Model):
    """What stops the sending stands on the one screen of alerts as well, and climbs."""

    _inherit = "veloc.messaging.alert"

    @api.model
    def _raise(self, kind, account=None, severity="warning", detail="", key=None):
        alert = super()._raise(kind, account, severity, detail, key)
        if alert:
            alert._mirror()
        return alert

    def _mirror(self):
        """Raise the same trouble for compliance, with its link back."""
        # sudo: whoever notices it may read neither list.
        for alert in self.sudo():
            self.env["veloc.alert"]._raise(
                f"messaging_{alert.kind}",
                key=alert._mirror_key(),
                detail=" · ".join(filter(None, [alert.account_id.name, alert.detail])),
                severity=alert.severity,
                res_model=alert._name,
                res_id=alert.id,
            )

    def _mirror_key(self):
        return f"{self.account_id.id or 0}:{self.key or ''}"

    def _close(self):
        """What is over here is over there."""
        standing = self.filtered(lambda alert: not alert.closed_at)
        result = super()._close()
        for alert in standing:
            self.env["veloc.alert"]._clear(
                f"messaging_{alert.kind}", alert._mirror_key()
            )
        return result

    def action_acknowledge(self):
        """Who takes it here has taken it there: it does not climb any further."""
        result = super().action_acknowledge()
        # sudo: the group was checked above; a manager of messaging reads no alerts.
        mirrored_sudo = (
            self.env["veloc.alert"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("state", "=", "open"),
                ]
            )
        )
        mirrored_sudo._acknowledge_for(self.env.user)
        return result
