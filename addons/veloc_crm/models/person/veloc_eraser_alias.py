from odoo import api, models


class VelocEraser(models.AbstractModel):
    """Somebody who was merged is known by further references."""

    _inherit = "veloc.eraser"

    @api.model
    def _identities(self, people):
        found = super()._identities(people)
        # sudo: the eraser reads everybody's references, whatever their company.
        aliases_sudo = (
            self.env["veloc.trader.alias"]
            .sudo()
            .search([("trader_id.partner_id", "in", people.ids)])
        )
        for alias in aliases_sudo:
            owner = alias.trader_id.partner_id.id
            found[owner].add(("external_ref", alias.external_ref))
        return found
