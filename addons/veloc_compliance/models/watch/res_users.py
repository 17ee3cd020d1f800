from odoo import SUPERUSER_ID, models


class ResUsers(models.Model):
    """Who of the staff can be told something."""

    _inherit = "res.users"

    def _veloc_present(self):
        """Return those who can log in here: no programs, portals or former staff."""
        return self.filtered(
            lambda user: user.active and not user.share and user.id != SUPERUSER_ID
        )
