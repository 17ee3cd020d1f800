from odoo import models


class ResCompany(models.Model):
    """Who answers for the data of a company."""

    _inherit = "res.company"

    def _veloc_officer_contact(self):
        """Return how to reach the encarregado, as one line."""
        self.ensure_one()
        names = ("veloc_dpo_name", "veloc_dpo_email", "veloc_dpo_phone")
        known = [self[name] for name in names if name in self._fields and self[name]]
        return " · ".join(known) or self.email or self.name
