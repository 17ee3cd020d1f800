from odoo import api, models


class VelocOutbox(models.AbstractModel):
    """Messages go into the queue with their tracked links."""

    _inherit = "veloc.outbox"

    @api.model
    def _prepare_rows(self, drafts, *args, **kwargs):
        rows = super()._prepare_rows(drafts, *args, **kwargs)
        self.env["veloc.link"]._shorten(rows, drafts)
        return rows

    @api.model
    def _insert(self, rows, answers):
        """Store the links of what went into the queue, and of nothing else."""
        result = super()._insert(rows, answers)
        message_ids = {
            answer["verdict_id"]: answer["message_id"]
            for answer in answers
            if answer["outcome"] == "queued"
        }
        self.env["veloc.link"]._insert(
            [
                {**link, "message_id": message_ids[row["verdict_id"]]}
                for row in rows
                if row["verdict_id"] in message_ids
                for link in row.get("links", ())
            ]
        )
        return result
