from odoo import api, models
from odoo.tools import SQL


class VelocEraser(models.AbstractModel):
    """Dead rows name people who may have no trader: keyed hashes find them."""

    _inherit = "veloc.eraser"

    @api.model
    def _delete_traces(self, people):
        counts = super()._delete_traces(people)
        told = set().union(*self._identities(people).values())
        digests = self.env["veloc.ingest.reject"]._digests(told, every=True)
        if digests:
            rows = self.env.execute_query(
                SQL(
                    "DELETE FROM veloc_ingest_reject"
                    " WHERE person_digests && %s::varchar[] RETURNING id",
                    sorted(digests),
                )
            )
            counts["veloc.ingest.reject"] += len(rows)
        return counts
