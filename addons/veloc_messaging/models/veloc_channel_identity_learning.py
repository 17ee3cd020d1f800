from odoo import api, models
from odoo.tools import SQL


class VelocChannelIdentity(models.Model):
    """What a provider tells us about people we know."""

    _inherit = "veloc.channel.identity"

    @api.model
    def _learn_new(self, channel, owners):
        """Remember ``{identifier: partner id}`` where nothing is known yet.

        One statement for all; what somebody linked by hand stays.
        """
        rows = [
            SQL("(%s, %s, %s, 'provider')", channel, spellings[0], partner_id)
            for identifier, partner_id in owners.items()
            if (spellings := self._spellings(identifier))
        ]
        if not rows:
            return
        self.flush_model()
        self.env.cr.execute(
            SQL(
                "INSERT INTO veloc_channel_identity "
                "(channel, identifier, partner_id, source) VALUES %s "
                "ON CONFLICT (channel, identifier) DO NOTHING",
                SQL(", ").join(rows),
            )
        )
        self.invalidate_model(flush=False)
