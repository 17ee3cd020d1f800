import time

from odoo import api, models


class VelocIngest(models.AbstractModel):
    """What is refused is kept as a dead row, whatever way it came in."""

    _inherit = "veloc.ingest"

    @api.model
    def _process(self, source, events, wake=True):
        began = time.monotonic()
        batch = super()._process(source, events, wake)
        self._keep_rejected(source, events, batch.rejected, wake)
        self.env["veloc.ingest.tally"]._add(
            self.env.context.get("veloc_road", "api"),
            accepted=batch.accepted,
            duplicates=batch.duplicates,
            rejected=len(batch.rejected),
            seconds=time.monotonic() - began,
        )
        return batch

    @api.model
    def _keep_rejected(self, source, events, notes, wake=True):
        """Keep the rows behind these notes; a replay's rows are kept already."""
        if notes and not self.env.context.get("veloc_replay"):
            self.env["veloc.ingest.reject"]._keep(source, events, notes, wake)
