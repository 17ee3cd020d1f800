from odoo import models


class VelocMessage(models.Model):
    """What left since a moment is found without reading the whole outbox."""

    _inherit = "veloc.message"

    # Rows leave in about the order of their places on disk: a few pages suffice.
    _left_idx = models.Index("USING brin (sending_at) WITH (pages_per_range = 16)")
