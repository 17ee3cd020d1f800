from odoo import models

from ...rules import message_state


class ResPartner(models.Model):
    """Who is taken out of use gets nothing that still waits in the outbox."""

    _inherit = "res.partner"

    def _veloc_block(self):
        """Cancel what is queued for these people, too."""
        done = super()._veloc_block()
        # sudo: the outbox has no write access; the caller has checked who asks.
        waiting_sudo = (
            self.env["veloc.message"]
            .sudo()
            .search(
                [("partner_id", "in", self.ids), ("state", "=", message_state.QUEUED)]
            )
        )
        waiting_sudo._move(message_state.CANCELLED, failure_code="blocked")
        return done
