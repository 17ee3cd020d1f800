from odoo import models


class VelocDispatcher(models.AbstractModel):
    """What providers and people told us outside the gate, asked before each send."""

    _inherit = "veloc.dispatcher"

    def _holds(self, rows, now):
        """Hold what is for people who rest on the channel."""
        holds = super()._holds(rows, now)
        standing = self.env["veloc.channel.hold"]._standing(rows, now)
        for id_, until in standing.items():
            if id_ not in holds or holds[id_][0] < until:
                holds[id_] = (until, "provider_limit")
        return holds

    def _refusals(self, rows, now):
        """Refuse what is for an address that said stop before it had a name."""
        refusals = super()._refusals(rows, now)
        for id_ in self.env["veloc.blocked.address"]._refused(rows):
            refusals.setdefault(id_, ("gate", "opt_out"))
        return refusals
