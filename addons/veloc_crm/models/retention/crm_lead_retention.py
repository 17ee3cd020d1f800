from odoo import api, models

_WATCHED = {"email_from": "email", "phone": "phone"}


class CrmLead(models.Model):
    """The guard at the door of leads: forms, mails and imports end up here."""

    _inherit = "crm.lead"

    @api.model_create_multi
    def create(self, vals_list):
        """Refuse leads that would bring an erased person back."""
        leads = super().create(vals_list)
        if any(vals.get(name) for vals in vals_list for name in _WATCHED):
            self.env["veloc.tombstone.guard"]._check(leads, _WATCHED)
        return leads

    def write(self, vals):
        """Refuse to write the address of an erased person on a lead."""
        done = super().write(vals)
        told = {name: kind for name, kind in _WATCHED.items() if vals.get(name)}
        if told:
            self.env["veloc.tombstone.guard"]._check(self, told)
        return done
