from odoo import models

MOVES = ("user_changed_number", "user_changed_user_id")


class VelocFold(models.AbstractModel):
    """Follows people who changed their number or id at WhatsApp."""

    _inherit = "veloc.fold"

    def _fold_other(self, items):
        """Learn the new number of a person; leave the rest to be looked at."""
        outcome = super()._fold_other(items)
        for receipt, _rest, event in items:
            old = event.sender or event.sender_id
            if event.status in MOVES and old and event.texts:
                self.env["veloc.conversation"]._changed_number(
                    event.channel, old, event.texts
                )
                outcome[receipt.id] = {"state": "folded", "channel": event.channel}
        return outcome
