from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.veloc_compliance.const import CHANNELS

STATES = [("open", "Open"), ("waiting", "Waiting for the person"), ("closed", "Closed")]


class VelocConversation(models.Model):
    """What one person and we say to each other, over all channels."""

    _name = "veloc.conversation"
    _description = "Conversation"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "waiting_since, last_message_at desc, id desc"

    partner_id = fields.Many2one(
        "res.partner", "Person", readonly=True, ondelete="restrict", index=True
    )
    channel = fields.Selection(CHANNELS, required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    state = fields.Selection(STATES, required=True, readonly=True, default="open")
    waiting_since = fields.Datetime(readonly=True)
    last_message_at = fields.Datetime(readonly=True)
    window_until = fields.Datetime("WhatsApp window until", readonly=True)

    @api.model
    def _receive(self, items):
        """Thread what people wrote; see the receiver."""

    @api.model
    def _window_until(self, channel, partner_ids):
        """Return ``{partner id: when the 24 hours to answer freely end}``.

        Only WhatsApp has such a window; one query.
        """
        if channel != "whatsapp" or not partner_ids:
            return {}
        self.flush_model(["partner_id", "window_until"])
        query = SQL(
            "SELECT partner_id, max(window_until) FROM veloc_conversation "
            "WHERE partner_id = ANY(%s) AND window_until IS NOT NULL GROUP BY 1",
            list(partner_ids),
        )
        return dict(self.env.execute_query(query))
