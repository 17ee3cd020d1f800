from odoo import api, models


class ResPartner(models.Model):
    """People whose number said stop before we knew them."""

    _inherit = "res.partner"

    @api.model_create_multi
    def create(self, vals_list):
        """Opt out who comes with a blocked number."""
        partners = super().create(vals_list)
        if any(vals.get("phone") for vals in vals_list):
            self._veloc_ask_blocked(partners)
        return partners

    def write(self, vals):
        """Opt out who gets a blocked number."""
        done = super().write(vals)
        if vals.get("phone") or vals.get("country_id"):
            self._veloc_ask_blocked(self)
        return done

    def _veloc_ask_blocked(self, partners):
        # sudo: whoever keeps the contacts may not read the list, and must not need to.
        self.env["veloc.blocked.address"].sudo()._opt_out(partners.sudo())
