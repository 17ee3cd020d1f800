"""VIP levels: the second ladder, with something to be had on each rung."""

from odoo import api, fields, models

from ..veloc_ladder_mixin import Columns


class VelocVipLevel(models.Model):
    """A level by points or volume; its benefits belong to all levels above, too."""

    _name = "veloc.vip.level"
    _inherit = ["veloc.ladder.mixin"]
    _description = "VIP Level"
    _veloc_ledger_fields = frozenset(
        {
            "active",
            "code",
            "company_id",
            "deposit_total_90d",
            "grace_days",
            "match",
            "min_days",
            "name",
            "points",
            "sequence",
            "stay_percent",
            "volume_90d",
        }
    )
    _veloc_ledger_kind = "config"
    _place_columns = Columns("vip_level_id", "vip_since", "vip_review_on")

    benefit_ids = fields.One2many("veloc.vip.benefit", "level_id", string="Benefits")

    _code_unique = models.Constraint("UNIQUE (code)", "Each level has its own code.")

    @api.model
    def _get_ladder(self):
        """A level that asks for nothing would make everybody a VIP: it is skipped."""
        return [rung for rung in super()._get_ladder() if not rung.is_open]
