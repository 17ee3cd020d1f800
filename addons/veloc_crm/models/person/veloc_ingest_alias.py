from odoo import api, models

from ...rules.batch import Known


class VelocIngest(models.AbstractModel):
    """Events of merged people come under either reference, and are one person's."""

    _inherit = "veloc.ingest"

    @api.model
    def _find_refs(self, refs):
        """Find by aliases whom no trader's own reference names."""
        found = super()._find_refs(refs)
        missing = set(refs) - found.keys()
        others = self.env["veloc.trader.alias"]._find_traders(missing)
        return found | {ref: Known(*ids) for ref, ids in others.items()}

    @api.model
    def _store(self, batch, wake):
        """Note under which reference and from which device events came."""
        result = super()._store(batch, wake)
        self.env["veloc.trader.alias.event"]._note(batch)
        self.env["veloc.trader.device"]._note(batch)
        return result
