"""Who is in which segment now, since when and why."""

from odoo import api, fields, models


class VelocSegmentMember(models.Model):
    """Written by the segment engine alone."""

    _name = "veloc.segment.member"
    _description = "Segment Member"
    _order = "since desc, id desc"
    _log_access = False
    _rec_name = "trader_id"
    _veloc_ledger_subject = "trader_id.partner_id"
    _veloc_ledger_reads = True

    segment_id = fields.Many2one(
        "veloc.segment", required=True, readonly=True, ondelete="cascade"
    )
    trader_id = fields.Many2one(
        "veloc.trader", required=True, readonly=True, ondelete="cascade", index=True
    )
    since = fields.Datetime(required=True, readonly=True)
    reason = fields.Json(readonly=True)
    reason_words = fields.Text(compute="_compute_reason_words", string="Why")

    _segment_trader_unique = models.UniqueIndex(
        "(segment_id, trader_id)", "A person is in a segment once."
    )

    # === COMPUTE === #

    @api.depends("reason")
    @api.depends_context("lang")
    def _compute_reason_words(self):
        words = self.env["veloc.segment.words"]
        for move in self:
            move.reason_words = words._say_reason(move.reason)
