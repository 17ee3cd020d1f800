from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .veloc_trader_event import TYPES


class VelocIncidentQuery(models.Model):
    """People affected by an incident, found by what happened to their accounts."""

    _inherit = "veloc.incident.query"

    kind = fields.Selection(
        selection_add=[("events", "Traders by their events")],
        ondelete={"events": "set default"},
    )
    event_type = fields.Selection(TYPES)

    def _find_by_events(self):
        """Return the people with events of this type in the time given."""
        if not (self.event_type and self.from_at and self.until_at):
            raise UserError(self.env._("Say which event, from when and until when."))
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT t.partner_id FROM veloc_trader_event_raw r
                JOIN veloc_trader t ON t.id = r.trader_id
                WHERE r.type = %s AND r.at BETWEEN %s AND %s AND t.company_id = %s
                """,
                self.event_type,
                self.from_at,
                self.until_at,
                self.incident_id.company_id.id,
            )
        )
        return [id_ for (id_,) in rows], [], ""
