"""What became of a message has its reader looked at, where a segment asks."""

from odoo import models

DEEDS = frozenset({"accepted", "sent", "delivered", "read"})


class VelocMessage(models.Model):
    """Sent, delivered, read."""

    _inherit = "veloc.message"

    def _move(self, target, *, each=None, at=None, **values):
        moved = super()._move(target, each=each, at=at, **values)
        if target in DEEDS:
            self.env["veloc.segment.engine"]._mark_readers_due(moved.ids)
        return moved
