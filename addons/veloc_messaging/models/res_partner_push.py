from odoo import api, fields, models
from odoo.tools import SQL


class ResPartner(models.Model):
    """A person's own page for notifications."""

    _inherit = "res.partner"

    veloc_push_subscription_ids = fields.One2many(
        "veloc.push.subscription",
        "partner_id",
        "Push subscriptions",
        groups="veloc_messaging.group_user",
    )

    @api.model
    def _veloc_push_condition(self):
        """Push has an address while a browser of the person is turned on."""
        self.env["veloc.push.subscription"].flush_model()
        return SQL(
            "(%s OR EXISTS (SELECT FROM veloc_push_subscription s "
            "WHERE s.partner_id = p.id AND s.state = 'live'))",
            super()._veloc_push_condition(),
        )

    def _veloc_push_path(self):
        """Return the person's notification page on the host they are on already."""
        path = self._veloc_preferences_path()
        # Who may change all preferences may turn notifications on: the same token.
        return path.replace("/veloc/preferences/", "/veloc/push/", 1)

    def _veloc_push_url(self):
        """Return ``{partner_id: address of their notification page}``."""
        return {
            id_: url.replace("/veloc/preferences/", "/veloc/push/", 1)
            for id_, url in self._veloc_preferences_url().items()
        }
