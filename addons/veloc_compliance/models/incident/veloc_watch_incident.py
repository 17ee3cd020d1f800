from datetime import timedelta

from odoo import api, fields, models

from ...rules import incident_clock, incident_state
from ...rules.finding import Finding


class VelocWatch(models.AbstractModel):
    """The clocks of incidents, looked at each minute."""

    _inherit = "veloc.watch"

    @api.model
    def _check_incident_internal_due(self, rule, since):
        """Find incidents about which the house should have decided, or must soon."""
        ahead = timedelta(hours=rule.threshold or 6)
        found = self._late_incidents("internal", "internal_due_at", ahead)
        return [finding for finding, _due in found]

    @api.model
    def _check_incident_due(self, rule, since):
        """Find incidents whose term for the authority and the people ends soon."""
        found = self._late_incidents(
            "due", "due_at", timedelta(hours=rule.threshold or 24)
        )
        now = fields.Datetime.now()
        return [finding for finding, due in found if due >= now]

    @api.model
    def _check_incident_overdue(self, rule, since):
        """Find incidents whose term, or whose term for the proof, has passed."""
        late = [
            *self._late_incidents("due", "due_at", timedelta()),
            *self._late_incidents("proof", "proof_due_at", timedelta()),
        ]
        return [finding for finding, _due in late]

    def _late_incidents(self, clock, column, ahead):
        """Return (finding, due) of open incidents whose clock ends within ``ahead``."""
        until = fields.Datetime.now() + ahead
        incidents = self.env["veloc.incident"].search(
            [("state", "in", list(incident_state.OPEN)), (column, "<=", until)]
        )
        found = []
        for incident in incidents:
            due, done = incident._dues()[clock]
            if due and not done:
                found.append((self._incident_finding(incident, clock, due), due))
        return found

    def _incident_finding(self, incident, clock, due):
        words = {
            "internal": self.env._("%(incident)s: decide by %(due)s."),
            "due": self.env._(
                "%(incident)s: tell the authority and the people by %(due)s."
            ),
            "proof": self.env._("%(incident)s: send the proof by %(due)s."),
        }
        local = incident._moment(due)
        detail = words[clock] % {"incident": incident.display_name, "due": local}
        phase = incident_clock.phase(due, None, fields.Datetime.now())
        return Finding(
            f"{incident.id}:{clock}",
            detail,
            "veloc.incident",
            incident.id,
            severity="critical" if phase == "overdue" else None,
        )
