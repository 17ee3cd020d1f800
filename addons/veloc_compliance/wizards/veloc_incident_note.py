from odoo import fields, models
from odoo.exceptions import UserError

from ..models.incident.veloc_incident_entry import BY_HAND, KINDS
from ..rules import incident_state


class VelocIncidentNote(models.TransientModel):
    """Write into an incident's timeline; some lines move its clocks."""

    _name = "veloc.incident.note"
    _description = "Entry in the timeline of an incident"

    incident_id = fields.Many2one("veloc.incident", required=True)
    kind = fields.Selection(
        [(code, label) for code, label in KINDS if code in BY_HAND],
        required=True,
        default="note",
    )
    at = fields.Datetime(
        "When", help="When the authority or the people were told; empty: now."
    )
    protocol = fields.Char("Protocol of the authority")
    text = fields.Text(required=True)

    # === ACTIONS === #

    def action_write(self):
        """Write the entry, and note what was done about the law's terms."""
        self.ensure_one()
        incident = self.incident_id
        incident._check_desk()
        at = self.at or fields.Datetime.now()
        if at > fields.Datetime.now():
            raise UserError(self.env._("This lies in the future."))
        if self.kind == "authority":
            self._note_authority(incident, at)
        elif self.kind == "subjects":
            self._note_subjects(incident, at)
        elif self.kind == "addition" and not incident.authority_told_at:
            raise UserError(self.env._("First note that the authority was told."))
        incident._tell(self.kind, self.text)
        return {"type": "ir.actions.act_window_close"}

    def _note_authority(self, incident, at):
        incident._check_officer()
        facts = {"due_at": incident.due_at, "authority_told_at": at}
        is_late = incident_state.needs_delay_reason(facts)
        if is_late and not incident.delay_reason:
            raise UserError(
                self.env._("It comes after the term: first write the reasons down.")
            )
        # sudo: the officer was checked; steps are written by methods.
        incident.sudo().write(
            {"authority_told_at": at, "authority_protocol": self.protocol}
        )
        self._finish(incident)

    def _note_subjects(self, incident, at):
        incident._check_officer()
        waiting = incident.person_ids.filtered(lambda p: p.letter_state == "waiting")
        if waiting or incident.needs_public:
            raise UserError(
                self.env._(
                    "Letters are still waiting, or somebody was not reached and there "
                    "is no public notice yet."
                )
            )
        # sudo: the officer was checked; steps are written by methods.
        incident.sudo().subjects_told_at = at
        self._finish(incident)

    def _finish(self, incident):
        """Both were told: the incident is communicated."""
        both = incident.authority_told_at and incident.subjects_told_at
        if both and incident.state == incident_state.COMMUNICATING:
            incident._advance(incident_state.COMMUNICATED)
