"""How many people a segment had at the end of each day."""

from odoo import api, fields, models
from odoo.tools import SQL


class VelocSegmentSize(models.Model):
    """One row per segment and day, written by the nightly job."""

    _name = "veloc.segment.size"
    _description = "Segment Size"
    _order = "day desc, id desc"
    _log_access = False
    _rec_name = "segment_id"

    segment_id = fields.Many2one(
        "veloc.segment", required=True, readonly=True, ondelete="cascade"
    )
    day = fields.Date(required=True, readonly=True)
    count = fields.Integer(
        string="People", required=True, readonly=True, aggregator="avg"
    )

    _segment_day_unique = models.UniqueIndex(
        "(segment_id, day)", "A segment has one size a day."
    )

    @api.model
    def _note(self, segment_ids, now):
        """Write today's size of these segments; the last word of a day counts."""
        today = self.env["veloc.segment.engine"]._clock(now).today
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO veloc_segment_size (segment_id, day, count)
                SELECT s.id, %s, count(m.id) FROM veloc_segment s
                LEFT JOIN veloc_segment_member m ON m.segment_id = s.id
                WHERE s.id = ANY(%s) GROUP BY s.id
                ON CONFLICT (segment_id, day) DO UPDATE SET count = excluded.count
                """,
                today,
                list(segment_ids),
            )
        )
        self.invalidate_model(flush=False)
