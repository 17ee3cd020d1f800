"""Who came into a segment or left it, when and why."""

from odoo import api, fields, models


class VelocSegmentEvent(models.Model):
    """Insert-only history, written by the segment engine alone."""

    _name = "veloc.segment.event"
    _description = "Segment Move"
    _order = "at desc, id desc"
    _log_access = False
    _rec_name = "trader_id"
    _veloc_ledger_subject = "trader_id.partner_id"
    _veloc_ledger_reads = True

    segment_id = fields.Many2one(
        "veloc.segment", required=True, readonly=True, ondelete="cascade"
    )
    trader_id = fields.Many2one(
        "veloc.trader", required=True, readonly=True, ondelete="cascade"
    )
    kind = fields.Selection(
        [("entered", "Came in"), ("left", "Left")], required=True, readonly=True
    )
    at = fields.Datetime(string="When", required=True, readonly=True)
    reason = fields.Json(readonly=True)
    reason_words = fields.Text(compute="_compute_reason_words", string="Why")

    _segment_at_idx = models.Index("(segment_id, at DESC)")
    _trader_at_idx = models.Index("(trader_id, at DESC)")
    # Rows come in the order of time: retention finds the old ones without reading all.
    _old_idx = models.Index("USING brin (at)")

    # === COMPUTE === #

    @api.depends("reason")
    @api.depends_context("lang")
    def _compute_reason_words(self):
        words = self.env["veloc.segment.words"]
        for move in self:
            move.reason_words = words._say_reason(move.reason)
