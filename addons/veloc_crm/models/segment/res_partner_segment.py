"""What conditions read beside the events: whoever changes it has people looked at."""

from odoo import models

READ = frozenset(
    {
        "active",
        "category_id",
        "email",
        "lang",
        "phone",
        "state_id",
        "veloc_birth_date",
        "veloc_blocked_at",
    }
)


class ResPartner(models.Model):
    """Contacts: language, residence, addresses, tags, age."""

    _inherit = "res.partner"

    def write(self, vals):
        result = super().write(vals)
        if READ & vals.keys():
            self.env["veloc.segment.engine"]._mark_due(self.ids)
        return result
