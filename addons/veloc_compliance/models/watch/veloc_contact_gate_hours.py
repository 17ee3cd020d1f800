from odoo import api, models

from ...rules.contact_hours import next_open


class VelocContactGate(models.AbstractModel):
    """Asks only about the hours, of contacts that have happened."""

    _inherit = "veloc.contact.gate"

    @api.model
    def _outside_hours(self, contacts):
        """Return those of ``[(partner id, channel, moment)]`` that were out of hours.

        The table of today judges; two queries, however many contacts.
        """
        people = self.env["res.partner"]._veloc_gate_people([c[0] for c in contacts])
        hours = self.env["veloc.contact.hours"]._gate_table()
        outside = []
        for contact in contacts:
            partner_id, channel, moment = contact
            person = people.get(partner_id)
            if person is None:
                continue
            windows = hours.windows(channel, person.uf)
            opening = next_open(windows, person.zone, person.uf, moment, person.country)
            if opening is None or opening > moment:
                outside.append(contact)
        return outside
