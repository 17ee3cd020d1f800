from odoo import models


class VelocPrivilege(models.Model):
    """Who may send to everybody holds power over them."""

    _inherit = "veloc.privilege"

    def _powerful(self):
        """Add the managers of messaging."""
        return super()._powerful() | self.env.ref("veloc_messaging.group_manager")
