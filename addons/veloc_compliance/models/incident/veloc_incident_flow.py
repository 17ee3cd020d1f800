from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...rules import incident_risk, incident_state
from .veloc_incident import DECISIONS

_DESK = "veloc_compliance.group_advanced"
_OFFICER = "veloc_compliance.group_officer"


class VelocIncident(models.Model):
    """From assessment to the end: what is asked, who decides, what comes next."""

    _inherit = "veloc.incident"

    # Art. 5 § 1: may it significantly affect people?
    impact_blocks_rights = fields.Boolean("Keeps people from rights or a service")
    impact_material_damage = fields.Boolean("Material damage")
    impact_moral_damage = fields.Boolean("Moral damage")
    impact_discrimination = fields.Boolean("Discrimination")
    impact_physical_integrity = fields.Boolean("Threat to physical integrity")
    impact_reputation = fields.Boolean("Harm to image or reputation")
    impact_fraud = fields.Boolean("Financial fraud or identity theft")
    # Art. 5 I to VI: what the data are.
    criterion_sensitive = fields.Boolean("I. Sensitive data")
    criterion_vulnerable = fields.Boolean("II. Children, adolescents or elderly")
    criterion_financial = fields.Boolean("III. Financial data")
    criterion_authentication = fields.Boolean("IV. Data that give access to systems")
    criterion_secrecy = fields.Boolean("V. Legal, judicial or professional secrecy")
    criterion_large_scale = fields.Boolean("VI. Large scale")
    mitigation_unreadable = fields.Boolean(
        "Data unreadable to others", help="Encrypted, and the key is not affected."
    )
    mitigation_contained = fields.Boolean(
        "Contained", help="Recipients are known and confirm that they deleted it."
    )
    must_notify = fields.Boolean(compute="_compute_must_notify")
    recommendation = fields.Char(compute="_compute_must_notify")
    decision = fields.Selection(DECISIONS, readonly=True)
    decision_reason = fields.Text(
        "Reasons of the decision", help="The register keeps them, either way."
    )
    decided_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    decided_at = fields.Datetime("Decided", readonly=True)

    authority_told_at = fields.Datetime("Authority told", readonly=True)
    authority_protocol = fields.Char("Protocol of the authority", readonly=True)
    subjects_told_at = fields.Datetime("People told", readonly=True)
    proof_sent_at = fields.Datetime("Proof sent", readonly=True)

    # === COMPUTE === #

    @api.depends_context("lang")
    @api.depends(
        *(f"impact_{code}" for code in incident_risk.IMPACTS),
        *(f"criterion_{code}" for code in incident_risk.CRITERIA),
        *(f"mitigation_{code}" for code in incident_risk.MITIGATIONS),
    )
    def _compute_must_notify(self):
        env = self.env
        words = {
            "both": env._("The criteria are met: communicate."),
            "neither": env._("No criterion is met: no duty to communicate."),
            "no_criterion": env._(
                "People may be affected, but no criterion about the data is met: no "
                "duty to communicate."
            ),
            "no_impact": env._(
                "A criterion about the data is met, but no significant effect on "
                "people: no duty to communicate."
            ),
        }
        for incident in self:
            found = incident._assess()
            incident.must_notify = found.must_notify
            incident.recommendation = words[found.reason]

    def _assess(self):
        """Return the rule's assessment of the answers."""
        groups = (
            ("impact", incident_risk.IMPACTS),
            ("criterion", incident_risk.CRITERIA),
            ("mitigation", incident_risk.MITIGATIONS),
        )
        return incident_risk.assess(
            {code: self[f"{group}_{code}"] for group, codes in groups for code in codes}
        )

    # === ACTIONS === #

    def action_decide_notify(self):
        """Decide that the authority and the people are told (button)."""
        return self._decide("notify")

    def action_decide_silent(self):
        """Decide that nobody need be told, with reasons (button)."""
        return self._decide("not_notify")

    def action_communicate(self):
        """Begin to communicate: the list is frozen, letters can leave (button)."""
        self._check_officer()
        return self._advance(incident_state.COMMUNICATING)

    def action_proved(self):
        """Note that the proof of telling the people went to the authority (button)."""
        self._check_officer()
        self.ensure_one()
        if not self.subjects_told_at:
            raise UserError(self.env._("First note that the people were told."))
        # sudo: the officer was checked; steps are written by methods.
        self.sudo().proof_sent_at = fields.Datetime.now()
        self._tell("proof", self.env._("Proof sent to the authority."))
        return True

    def action_close(self):
        """Close the incident; the register keeps it (button)."""
        self._check_officer()
        self._advance(incident_state.CLOSED, closed_at=fields.Datetime.now())
        return True

    def action_reopen(self):
        """Open it again because of new facts (button)."""
        self._check_officer()
        return self._advance(incident_state.REGISTERED, closed_at=False)

    def _check_desk(self):
        if not self.env.user.has_group(_DESK):
            raise AccessError(self.env._("Only the compliance desk may do this."))
        self.check_access("read")

    def _check_officer(self):
        if not self.env.user.has_group(_OFFICER):
            raise AccessError(self.env._("Only a compliance officer may decide this."))
        self.check_access("read")

    # === STEPS === #

    def _decide(self, decision):
        self._check_officer()
        self.ensure_one()
        label = dict(self._fields["decision"]._description_selection(self.env))
        # sudo: the officer was checked; decisions are written by this method.
        self.sudo().write(
            {
                "decision": decision,
                "decided_by": self.env.uid,
                "decided_at": fields.Datetime.now(),
            }
        )
        if self.state == incident_state.REGISTERED:
            self._advance(incident_state.ASSESSED)
        found = self._assess()
        codes = ", ".join(found.impacts + found.criteria + found.mitigations) or "-"
        rule = self.recommendation
        text = f"{label[decision]}. {self.decision_reason}\n{rule} ({codes})"
        self._tell("decision", text)
        return True

    def _advance(self, target, **values):
        """Move to ``target`` if everything it needs is there; else say what is not."""
        for incident in self:
            if not incident_state.can_move(incident.state, target):
                raise UserError(self.env._("This step does not come next."))
            gaps = incident_state.missing(incident.state, target, incident._proofs())
            if gaps:
                words = incident._gap_words()
                lines = "\n".join(f"• {words[gap]}" for gap in gaps)
                raise UserError(
                    self.env._("Something is still missing:\n%(gaps)s", gaps=lines)
                )
            # sudo: the caller was checked; states move here only.
            incident.sudo().write({"state": target, **values})
            labels = dict(self._fields["state"]._description_selection(self.env))
            incident._tell("state", labels[target])
        return True

    def _proofs(self):
        """Return what the rule asks about: field values and a few facts."""
        names = [
            "nature",
            "data_affected",
            "decision",
            "decision_reason",
            "affected_known_at",
            "root_cause",
            "measures_after",
            "authority_told_at",
            "proof_sent_at",
        ]
        return {name: self[name] for name in names} | {
            "notify": self.decision == "notify",
            "not_notify": self.decision == "not_notify",
            "list_frozen": self.frozen_at,
            "subjects_told": self.subjects_told_at,
            "tasks_done": not self.task_ids.filtered(
                lambda task: (
                    task.is_mandatory
                    and not task.done_at
                    and (self.decision == "notify" or not task.is_notice_only)
                )
            ),
        }

    def _gap_words(self):
        env = self.env
        labels = {
            name: field._description_string(env) for name, field in self._fields.items()
        }
        return labels | {
            "notify": env._("The decision to communicate"),
            "not_notify": env._("The decision not to communicate"),
            "list_frozen": env._("The frozen list of affected people"),
            "subjects_told": env._("Telling the people"),
            "tasks_done": env._("All mandatory tasks"),
        }
