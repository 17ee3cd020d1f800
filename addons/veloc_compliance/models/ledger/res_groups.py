from odoo import models


class ResGroups(models.Model):
    """A group's members and what it implies are changes of access."""

    _inherit = "res.groups"

    _veloc_ledger_fields = frozenset({"user_ids", "implied_ids", "name"})
    _veloc_ledger_kind = "access"
