"""What scores are computed from: rows of plain numbers, read by SQL."""

from datetime import UTC

from odoo import api, models
from odoo.tools import SQL


class VelocScoreFrame(models.AbstractModel):
    """The one place that knows which columns a score reads."""

    _name = "veloc.score.frame"
    _description = "Score Frame"

    @api.model
    def _companies(self):
        """Return the companies that have traders."""
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM res_company c WHERE EXISTS"
                " (SELECT FROM veloc_trader t WHERE t.company_id = c.id) ORDER BY id"
            )
        )
        return self.env["res.company"].browse(id_ for (id_,) in rows)

    @api.model
    def _today(self, now):
        """Return the broker's day."""
        zone = self.env["veloc.ingest.fold"]._get_zone()
        return now.replace(tzinfo=UTC).astimezone(zone).date()
