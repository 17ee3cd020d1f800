from odoo import models


class ResPartner(models.Model):
    """A person's way into the ledger."""

    _inherit = "res.partner"

    def action_veloc_ledger(self):
        """Open every entry about this person, readings of many included."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_compliance.veloc_ledger_entry_action"
        )
        return action | {
            "domain": [("concerned_id", "=", self.id)],
            "context": {},
            "path": False,
        }
