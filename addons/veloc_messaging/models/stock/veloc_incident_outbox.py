from odoo import models
from odoo.tools import SQL

from ...rules import message_state

LOST = [
    message_state.UNDELIVERED,
    message_state.FAILED,
    message_state.BLOCKED,
    message_state.EXPIRED,
    message_state.CANCELLED,
]


class VelocIncident(models.Model):
    """Letters travel in the outbox: what did not arrive there was not told."""

    _inherit = "veloc.incident"

    def _learn_failures(self):
        """Note the letters that bounced, failed or were stopped; one statement."""
        result = super()._learn_failures()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE veloc_incident_person p
                SET letter_state = 'failed',
                    letter_reason = COALESCE(m.failure_code, m.state)
                FROM veloc_message m
                WHERE p.incident_id = ANY(%(ids)s) AND p.letter_state = 'sent'
                    AND m.key = 'notice:incident:' || p.incident_id || ':' || p.id
                        || ':' || COALESCE(p.attempts, 0)
                    AND m.state = ANY(%(lost)s)
                """,
                ids=self.ids,
                lost=LOST,
            )
        )
        self.env["veloc.incident.person"].invalidate_model()
        return result
