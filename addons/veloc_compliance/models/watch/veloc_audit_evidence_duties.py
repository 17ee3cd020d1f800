from odoo import models

from .veloc_compliance_board_duties import OPEN_INCIDENTS


class VelocAuditEvidence(models.AbstractModel):
    """Numbers about what the law gives terms for."""

    _inherit = "veloc.audit.evidence"

    def _evidence_requests(self, audit):
        requests = self.env["veloc.privacy.request"]
        made = requests.search_fetch(
            self._within(audit, "create_date"), ["state", "due_at"]
        )
        clocks = dict.fromkeys(("on_time", "due", "overdue", "closed"), 0)
        for request in made:
            clocks[request.clock] += 1
        return [
            (self.env._("Received in the period"), len(made)),
            (self.env._("Of these answered"), clocks["closed"]),
            (self.env._("Of these overdue now"), clocks["overdue"]),
            (
                self.env._("Overdue now, of any time"),
                requests.search_count([("clock", "=", "overdue")]),
            ),
        ]

    def _evidence_incidents(self, audit):
        if "veloc.incident" not in self.env:
            return [(self.env._("Incidents"), 0)]
        incidents = self.env["veloc.incident"]
        known = incidents.search_fetch(
            self._within(audit, "known_at"), ["due_at", "authority_told_at"]
        )
        late = known.filtered(
            lambda i: (
                i.authority_told_at and i.due_at and i.authority_told_at > i.due_at
            )
        )
        return [
            (self.env._("Known in the period"), len(known)),
            (
                self.env._("Communicated to the authority"),
                len(known.filtered("authority_told_at")),
            ),
            (self.env._("Communicated late"), len(late)),
            (
                self.env._("Open now"),
                incidents.search_count([("state", "in", list(OPEN_INCIDENTS))]),
            ),
        ]

    def _evidence_retention(self, audit):
        if "veloc.erasure" not in self.env:
            return [(self.env._("Erasures"), 0)]
        erasures = self.env["veloc.erasure"]
        states = dict(erasures._fields["state"]._description_selection(self.env))
        groups = erasures._read_group(
            self._within(audit, "requested_at"), ["state"], ["__count"]
        )
        return [(states[state], count) for state, count in groups] or [
            (self.env._("Erasures"), 0)
        ]
