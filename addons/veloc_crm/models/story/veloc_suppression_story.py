from odoo import models


class VelocSuppression(models.Model):
    """A person's timeline shows what protected them, over or not."""

    _inherit = "veloc.suppression"

    _person_idx = models.Index("(partner_id, from_at)")
