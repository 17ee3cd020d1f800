from dataclasses import replace

from odoo import api, models

from ...rules.batch import Known


class VelocIngest(models.AbstractModel):
    """Events of merged people come under either reference, and are one person's."""

    _inherit = "veloc.ingest"

    @api.model
    def _find_refs(self, refs):
        """Find by aliases whom no trader's own reference names."""
        found = super()._find_refs(refs)
        others = self.env["veloc.trader.alias"]._find(set(refs) - found.keys())
        return found | {ref: Known(*who.trader) for ref, who in others.items()}

    @api.model
    def _find_traders(self, batch):
        """Give events under a further reference the trader's own, and note it."""
        super()._find_traders(batch)
        aliases = self.env["veloc.trader.alias"]._find(
            {event.trader for event in batch.events}
        )
        if not aliases:
            return
        for who in aliases.values():
            batch.known[who.own_ref] = Known(*who.trader)
        batch.aliases.update(
            {e.id: aliases[e.trader].id for e in batch.events if e.trader in aliases}
        )
        batch.events = [
            replace(event, trader=aliases[event.trader].own_ref)
            if event.trader in aliases
            else event
            for event in batch.events
        ]

    @api.model
    def _store(self, batch, wake):
        """Note under which reference and from which device events came."""
        result = super()._store(batch, wake)
        self.env["veloc.trader.alias.event"]._note(batch)
        self.env["veloc.trader.device"]._note(batch)
        return result
