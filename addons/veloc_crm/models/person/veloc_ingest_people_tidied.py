from collections import Counter

from odoo import api, models


class VelocIngestPeople(models.AbstractModel):
    """Counts what was written better than it was told, for the monthly report."""

    _inherit = "veloc.ingest.people"

    @api.model
    def _met(self, batch, people):
        done = super()._met(batch, people)
        tidied = Counter(name for told in people.values() for name in told.tidied)
        if tidied:
            self.env["veloc.hygiene.tally"]._add(batch.now.date(), tidied)
        return done
