from odoo import api, models
from odoo.tools import SQL

from ..rules import limit_wish


class VelocIngestPeople(models.AbstractModel):
    """What events say about care: who somebody is, and the limits they set."""

    _inherit = "veloc.ingest.people"

    @api.model
    def _renew_contacts(self, batch, people):
        """Recognise known people by what they told anew; SQL wrote it."""
        result = super()._renew_contacts(batch, people)
        ids = [batch.known[ref].partner_id for ref in people]
        self.env["res.partner"].browse(ids)._veloc_recognise()
        return result

    @api.model
    def _record_wishes(self, batch):
        """Record limits with everything else, and see who has reached one."""
        result = super()._record_wishes(batch)
        limits = self.env["veloc.care.limit"]
        wishes = [
            (event, limit_wish.read(event))
            for event in batch.new_events
            if event.type == "limit_set"
        ]
        for event, wish in wishes:
            if wish is None:
                batch.warn(event, "limit_not_recorded")
        if any(wish for _event, wish in wishes):
            limits._record_events(
                [
                    (batch.known[event.trader].partner_id, wish)
                    for event, wish in sorted(wishes, key=lambda pair: pair[0].at)
                    if wish
                ],
                batch.source,
            )
        moved = self._find_limited()
        limits._watch_reached(moved, batch.now)
        return result

    @api.model
    def _find_limited(self):
        """Return who set a limit and has just deposited or traded."""
        self.env["veloc.care.limit"].flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT l.partner_id FROM veloc_care_limit l"
                " JOIN veloc_trader t ON t.partner_id = l.partner_id"
                " JOIN veloc_ingest_touched x ON x.trader_id = t.id"
                " WHERE l.state = 'active' AND x.active_at IS NOT NULL"
            )
        )
        return {partner_id for (partner_id,) in rows}
