"""Which of the new events the cadences want to hear of."""

from datetime import UTC

from odoo import api, models
from odoo.tools import SQL

from ...rules.event_schema import INTRODUCING

# A cadence hears what opens it; for who is in one, also what ends it.
HEARD = """
WITH doors AS (
    SELECT DISTINCT entry_event_type AS type FROM veloc_cadence
    WHERE active AND current_version_id IS NOT NULL
), exits AS (
    SELECT DISTINCT event_type AS type FROM veloc_cadence_exit
)
SELECT n.id AS event_id, n.external_id, n.trader_id, t.partner_id, n.type, n.at,
    n.amount::text AS amount, n.currency, n.data
FROM veloc_ingest_new n JOIN veloc_trader t ON t.id = n.trader_id
WHERE n.type IN (SELECT type FROM doors) OR (
    (n.type IN (SELECT type FROM exits) OR n.trader_id = ANY(%s))
    AND EXISTS (SELECT FROM veloc_enrolment r
        WHERE r.trader_id = n.trader_id AND r.state = 'active'))
ORDER BY n.at, n.id
"""


class VelocIngestWake(models.AbstractModel):
    """What no cadence listens to costs nothing here."""

    _name = "veloc.ingest.wake"
    _description = "Event Ingestion: Wake-Up"

    @api.model
    def _wake(self, moved):
        """Tell the cadences; ``moved`` are the traders whose stage has changed."""
        self.env["veloc.cadence"].flush_model()
        self.env["veloc.cadence.exit"].flush_model()
        self.env["veloc.enrolment"].flush_model()
        rows = self.env.execute_query_dict(SQL(HEARD, list(moved)))
        if rows:
            own = self.env.company.currency_id.name
            touched = [self._prepare_event(row, own) for row in rows]
            self.env["veloc.cadence.engine"]._on_events(touched)

    @api.model
    def _prepare_event(self, row, own):
        """Return an event as the cadence engine wants it."""
        variables = {
            "reference": row["external_id"],
            "event_at": row["at"].replace(tzinfo=UTC).isoformat(),
        }
        if row["amount"] is not None:
            variables["amount"] = row["amount"]
            variables["currency"] = row["currency"] or own
        names = ("event_id", "external_id", "trader_id", "partner_id", "type", "at")
        return {
            **{name: row[name] for name in names},
            "is_introducing": row["type"] in INTRODUCING,
            "variables": {**(row["data"] or {}), **variables},
        }
