from odoo import api, fields, models
from odoo.exceptions import UserError


class VelocIncident(models.Model):
    """The list of affected people: built, frozen, opened again for additions."""

    _inherit = "veloc.incident"

    frozen_at = fields.Datetime("List frozen", readonly=True)
    list_round = fields.Integer("List number", readonly=True, default=1)
    person_count = fields.Integer("People affected", compute="_compute_counts")
    child_count = fields.Integer("Children", compute="_compute_counts")
    adolescent_count = fields.Integer("Adolescents", compute="_compute_counts")
    elderly_count = fields.Integer("Elderly", compute="_compute_counts")
    unknown_count = fields.Integer("Age unknown", compute="_compute_counts")
    financial_count = fields.Integer("Financial data", compute="_compute_counts")
    authentication_count = fields.Integer("Access data", compute="_compute_counts")
    sensitive_count = fields.Integer("Sensitive data", compute="_compute_counts")
    secrecy_count = fields.Integer("Under secrecy", compute="_compute_counts")
    sent_count = fields.Integer("Letters sent", compute="_compute_counts")
    failed_count = fields.Integer("Not reached", compute="_compute_counts")

    @api.depends("person_ids")
    def _compute_counts(self):
        names = [
            "child",
            "adolescent",
            "elderly",
            "unknown",
            "financial",
            "authentication",
            "sensitive",
            "secrecy",
            "sent",
            "failed",
        ]
        found = self.env["veloc.incident.person"]._counts(self)
        for incident in self:
            row = found.get(incident.id, {})
            incident.person_count = row.get("people", 0)
            for name in names:
                incident[f"{name}_count"] = row.get(name, 0)

    def action_freeze(self):
        """Freeze the list: it is what is told to the authority (button)."""
        self._check_desk()
        self.ensure_one()
        self._check_list_open()
        if not self.person_ids:
            raise UserError(self.env._("Nobody is on the list yet."))
        # sudo: the desk was checked; steps are written by methods.
        self.sudo().frozen_at = fields.Datetime.now()
        self._tell(
            "list", self.env._("Frozen with %(count)s people.", count=self.person_count)
        )
        return True

    def action_open_list(self):
        """Open the list for an addition; who is on it stays (button)."""
        self._check_officer()
        self.ensure_one()
        # sudo: the officer was checked; steps are written by methods.
        self.sudo().write({"frozen_at": False, "list_round": self.list_round + 1})
        self._tell("list", self.env._("Opened for an addition."))
        return True

    def action_people(self):
        """Show the list (button)."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "veloc_compliance.veloc_incident_person_action"
        )
        return action | {"domain": [("incident_id", "=", self.id)], "context": {}}

    def _check_list_open(self):
        if self.frozen_at:
            raise UserError(
                self.env._("The list is frozen. An officer can open it for additions.")
            )
