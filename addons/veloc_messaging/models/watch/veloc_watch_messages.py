from odoo import api, models
from odoo.tools import SQL

from odoo.addons.veloc_compliance.const import PROMOTIONAL

MOST = 2000


class VelocWatch(models.AbstractModel):
    """Proves the gate on what really left: nothing without leave, nothing at night.

    By construction both stay silent; a row written beside the system would speak.
    """

    _inherit = "veloc.watch"

    @api.model
    def _check_consent_missing(self, _rule, since):
        """Promotional messages that left without a verdict or a consent behind it."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT m.id, m.sending_at, m.company_id
                  FROM veloc_message m
                  JOIN veloc_purpose p ON p.id = m.purpose_id
                   AND p.kind = ANY(%(kinds)s)
                  LEFT JOIN veloc_gate_verdict v ON v.id = m.verdict_id AND v.allowed
                   AND v.partner_id = m.partner_id AND v.purpose_id = m.purpose_id
                   AND v.channel = m.channel
                  LEFT JOIN veloc_consent c ON c.id = v.consent_id AND c.granted
                   AND c.partner_id = m.partner_id AND c.purpose_id = m.purpose_id
                   AND c.channel = m.channel
                 WHERE m.sending_at >= %(since)s
                   AND (v.id IS NULL OR v.basis = 'consent' AND c.id IS NULL)
                 ORDER BY m.id LIMIT %(most)s
                """,
                kinds=sorted(PROMOTIONAL),
                since=since,
                most=MOST,
            )
        )
        text = self.env._("A promotional message left without a consent behind it.")
        return [self._message_finding(text, *row) for row in rows]

    @api.model
    def _check_outside_hours(self, _rule, since):
        """Promotional messages that left when their person's window was closed."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT m.id, m.sending_at, m.company_id, m.partner_id, m.channel
                  FROM veloc_message m
                  JOIN veloc_purpose p ON p.id = m.purpose_id AND p.kind = ANY(%s)
                 WHERE m.sending_at >= %s ORDER BY m.id LIMIT %s
                """,
                sorted(PROMOTIONAL),
                since,
                MOST,
            )
        )
        if not rows:
            return []
        asked = {(row[3], row[4], row[1]): row[:3] for row in rows}
        outside = self.env["veloc.contact.gate"]._outside_hours(list(asked))
        text = self.env._("A promotional message left outside the contact hours.")
        return [self._message_finding(text, *asked[contact]) for contact in outside]

    def _message_finding(self, text, id_, at, company_id):
        return self.env["veloc.alert"]._finding(
            str(id_), text, "veloc.message", id_, at=at, company_id=company_id
        )
