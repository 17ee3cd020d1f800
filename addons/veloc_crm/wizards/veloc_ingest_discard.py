from odoo import fields, models


class VelocIngestDiscard(models.TransientModel):
    """Why dead rows are given up; nobody does so without a word."""

    _name = "veloc.ingest.discard"
    _description = "Discard Dead Rows"

    reject_ids = fields.Many2many(
        "veloc.ingest.reject",
        string="Rows",
        readonly=True,
        default=lambda self: self.env.context.get("active_ids", []),
    )
    reason = fields.Char(required=True)

    def action_discard(self):
        """Give the rows up (button)."""
        self.reject_ids._discard(self.reason)
        return {"type": "ir.actions.act_window_close"}
