from odoo import api, fields, models

from ...rules import incident_clock

PHASES = [
    ("none", "Not running"),
    ("running", "Running"),
    ("soon", "Due soon"),
    ("overdue", "Overdue"),
    ("done", "Done in time"),
    ("done_late", "Done late"),
]


class VelocIncident(models.Model):
    """The clocks: 24 hours of the house, three and twenty business days of the law."""

    _inherit = "veloc.incident"

    internal_due_at = fields.Datetime(
        "Decide until (24 h)", compute="_compute_terms", store=True
    )
    due_at = fields.Datetime(
        "Communicate until",
        compute="_compute_terms",
        store=True,
        help="To the authority and to the people: three business days (national "
        "holidays and carnival not counted), to the end of the last day in Brasília.",
    )
    strict_due_at = fields.Datetime(
        "If carnival counts",
        compute="_compute_terms",
        store=True,
        help="Carnival is no holiday by law. Who wants to be safe keeps this one.",
    )
    proof_due_at = fields.Datetime(
        "Prove until",
        compute="_compute_terms",
        store=True,
        help="Declaration to the authority that the people were told: three business "
        "days after the term for telling them.",
    )
    additions_due_at = fields.Datetime(
        "Additions until",
        compute="_compute_terms",
        store=True,
        help="Twenty business days after the communication to the authority.",
    )
    internal_phase = fields.Selection(
        PHASES, "Decision clock", compute="_compute_phases"
    )
    due_phase = fields.Selection(
        PHASES, "Communication clock", compute="_compute_phases"
    )
    proof_phase = fields.Selection(PHASES, "Proof clock", compute="_compute_phases")
    additions_phase = fields.Selection(
        PHASES, "Additions clock", compute="_compute_phases"
    )
    has_carnival = fields.Boolean(compute="_compute_has_carnival")

    @api.depends("known_at", "affected_known_at", "authority_told_at", "is_small_agent")
    def _compute_terms(self):
        # sudo: a choice in the settings.
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        strict = parameters_sudo.get_param("veloc_compliance.carnival_counts") == "1"
        for incident in self:
            known = incident._known()
            terms = known and incident_clock.terms(known, with_carnival=not strict)
            safe = known and incident_clock.terms(known, with_carnival=False)
            incident.internal_due_at = terms and terms.internal
            incident.due_at = terms and terms.notify
            incident.strict_due_at = safe and safe.notify
            incident.proof_due_at = terms and terms.proof
            incident.additions_due_at = terms and terms.additions

    def _known(self):
        """Return what the rule needs, None while nothing is known."""
        return self.known_at and incident_clock.Known(
            self.known_at,
            self.affected_known_at or None,
            self.authority_told_at or None,
            self.is_small_agent,
        )

    @api.depends_context("tz")
    @api.depends(
        "internal_due_at",
        "due_at",
        "proof_due_at",
        "additions_due_at",
        "decided_at",
        "decision",
        "authority_told_at",
        "subjects_told_at",
        "proof_sent_at",
        "closed_at",
    )
    def _compute_phases(self):
        now = fields.Datetime.now()
        for incident in self:
            dues = incident._dues()
            incident.internal_phase = incident_clock.phase(*dues["internal"], now)
            incident.due_phase = incident_clock.phase(*dues["due"], now)
            incident.proof_phase = incident_clock.phase(*dues["proof"], now)
            incident.additions_phase = incident_clock.phase(*dues["additions"], now)

    def _dues(self):
        """Return ``{clock: (due, done)}``; a clock that does not apply has no due."""
        both = self.authority_told_at and self.subjects_told_at
        told = both and max(self.authority_told_at, self.subjects_told_at)
        dues = {
            "internal": (self.internal_due_at or None, self.decided_at or None),
            "due": (self.due_at or None, told or None),
            "proof": (self.proof_due_at or None, self.proof_sent_at or None),
            "additions": (self.additions_due_at or None, self.closed_at or None),
        }
        if self.decision == "not_notify":
            # Nobody is to be told: the law's clocks do not run against us.
            dues |= dict.fromkeys(("due", "proof"), (None, None))
        return dues

    @api.depends("due_at", "strict_due_at")
    def _compute_has_carnival(self):
        for incident in self:
            incident.has_carnival = incident.due_at != incident.strict_due_at
