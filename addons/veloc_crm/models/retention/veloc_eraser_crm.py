from odoo import api, models

# Views over partitioned tables: rows stand in these.
STORAGE = {
    "veloc.trader.event": "veloc_trader_event_raw",
    "veloc.trader.day": "veloc_trader_day_raw",
    "veloc.decision": "veloc_decision_raw",
}


class VelocEraser(models.AbstractModel):
    """What the CRM knows somebody by, and where its rows stand."""

    _inherit = "veloc.eraser"

    @api.model
    def _identities(self, people):
        found = super()._identities(people)
        # sudo: the eraser reads everybody's traders, whatever their company.
        traders_sudo = (
            self.env["veloc.trader"].sudo().search([("partner_id", "in", people.ids)])
        )
        for trader in traders_sudo:
            found[trader.partner_id.id].add(("external_ref", trader.external_ref))
        return found

    @api.model
    def _storage(self, model):
        return STORAGE.get(model._name) or super()._storage(model)
