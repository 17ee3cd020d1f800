from odoo import models

from ...rules.finding import Finding


class VelocWatch(models.AbstractModel):
    """Looks for doors that stand open: data sent out, roles without second factor."""

    _inherit = "veloc.watch"

    def _check_outside_service_module(self, _rule, _since):
        """Installed modules that send data of contacts to outside services."""
        found = self.env["ir.module.module"]._veloc_installed_senders()
        return [Finding(name, f"{name}: {what}") for name, what in found.items()]

    def _check_second_factor_off(self, _rule, _since):
        """No role requires a second factor, as in demonstrations."""
        # sudo: a look at the settings of roles.
        required = (
            self.env["res.groups"]
            .sudo()
            .search_count([("veloc_second_factor", "=", True)], limit=1)
        )
        if required:
            return []
        text = self.env._(
            "No role requires a second factor: whoever has a password is in. Switch it "
            "on in Settings > Access by role."
        )
        return [Finding("", text, "res.groups")]
