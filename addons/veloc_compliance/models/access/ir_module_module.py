from odoo import api, models
from odoo.exceptions import UserError

from ...rules.outside_services import senders

ALLOWED = "veloc_compliance.outside_services"


class IrModuleModule(models.Model):
    """Modules that hand contacts to somebody else's service are not pulled in."""

    _inherit = "ir.module.module"

    def button_install(self):
        """Refuse what sends data out, asked for or brought along by something else."""
        result = super().button_install()
        coming = self.search([("state", "=", "to install")])
        if found := self._veloc_senders(coming.mapped("name")):
            names = "\n".join(f"- {name}: {what}" for name, what in found.items())
            raise UserError(
                self.env._(
                    "These modules send data of contacts to outside services:\n"
                    "%(modules)s\n\nA new operator is a decision (LGPD arts. 33 and "
                    "39). Once it is made, and the contract is signed, write the "
                    "module's name into the parameter %(parameter)s.",
                    modules=names,
                    parameter=ALLOWED,
                )
            )
        return result

    @api.model
    def _veloc_senders(self, names):
        """Return ``{module: what it sends}`` of those nobody has allowed."""
        # sudo: a setting that everybody obeys.
        allowed = self.env["ir.config_parameter"].sudo().get_param(ALLOWED, "")
        return senders(names, allowed.replace(",", " ").split())

    @api.model
    def _veloc_installed_senders(self):
        """Return those that are installed all the same."""
        # sudo: names of modules, for whoever looks after them.
        installed = self.sudo().search([("state", "in", ["installed", "to upgrade"])])
        return self._veloc_senders(installed.mapped("name"))
