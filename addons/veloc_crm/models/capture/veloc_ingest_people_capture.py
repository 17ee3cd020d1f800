import json

from odoo import api, models
from odoo.tools import SQL

from ...rules.batch import Known
from ..veloc_ingest_people import INSERT_TRADERS


class VelocIngestPeople(models.AbstractModel):
    """Introductions of contacts who are known already, only not as traders."""

    _inherit = "veloc.ingest.people"

    @api.model
    def _create_traders(self, batch, people):
        """Make traders of the contacts that the context names; the rest as ever.

        ``veloc_contact_of``: ``{reference: contact's id}``. Only elevated code is
        believed: it has matched the contact by a mailbox that was proven.
        """
        known = self.env.context.get("veloc_contact_of") or {}
        ours = {ref: known[ref] for ref in people if ref in known and self.env.su}
        others = {ref: told for ref, told in people.items() if ref not in ours}
        done = super()._create_traders(batch, others) if others else None
        if ours:
            self._make_traders_of(batch, ours, people)
        return done

    def _make_traders_of(self, batch, contacts, people):
        partners = self.env["res.partner"].browse(contacts.values())
        zones = partners._veloc_zones()
        utm = self._find_utm({ref: people[ref] for ref in contacts})
        rows = [
            {
                "partner_id": partner_id,
                "external_ref": ref,
                "zone": zones[partner_id],
                **utm[ref],
            }
            for ref, partner_id in contacts.items()
        ]
        created = self.env.execute_query(
            SQL(
                INSERT_TRADERS,
                company=self.env.company.id,
                currency=self.env.company.currency_id.id,
                uid=self.env.uid,
                now=batch.now,
                rows=json.dumps(rows),
            )
        )
        batch.known.update({ref: Known(*ids) for ref, *ids in created})
        batch.created += len(created)
