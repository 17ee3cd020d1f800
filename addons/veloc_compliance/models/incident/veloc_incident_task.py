from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

from .veloc_incident_step import PHASES


class VelocIncidentTask(models.Model):
    """Something to be done about an incident, by somebody, until a moment."""

    _name = "veloc.incident.task"
    _description = "Task of an incident"
    _order = "phase, due_at, id"

    incident_id = fields.Many2one(
        "veloc.incident", required=True, ondelete="restrict", index=True
    )
    name = fields.Char(required=True)
    phase = fields.Selection(PHASES, required=True, default="contain")
    help_text = fields.Text("How")
    owner_id = fields.Many2one(
        "res.users", "Who", domain=[("share", "=", False)], ondelete="set null"
    )
    due_at = fields.Datetime("Until")
    is_mandatory = fields.Boolean("Mandatory", default=True)
    is_notice_only = fields.Boolean("Only if communicated")
    done_at = fields.Datetime("Done", readonly=True)
    done_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    is_late = fields.Boolean("Late", compute="_compute_is_late")

    @api.depends("due_at", "done_at")
    def _compute_is_late(self):
        now = fields.Datetime.now()
        for task in self:
            until = task.due_at
            task.is_late = bool(until) and (task.done_at or now) > until

    def write(self, vals):
        """What is done is ticked off by the button, with who and when."""
        if not self.env.su and {"done_at", "done_by", "incident_id"} & vals.keys():
            raise AccessError(self.env._("Use the button to tick a task off."))
        return super().write(vals)

    @api.model
    def _fill(self, incidents):
        """Give new incidents the checklist of the house."""
        # sudo: whoever registers an incident need not read the settings.
        task_sudo = self.sudo()
        steps_sudo = task_sudo.env["veloc.incident.step"].search(
            [("active", "=", True)]
        )
        task_sudo.create(
            [
                {
                    "incident_id": incident.id,
                    "name": step.name,
                    "phase": step.phase,
                    "help_text": step.help_text,
                    "owner_id": incident.owner_id.id,
                    "due_at": incident.known_at + timedelta(hours=step.hours),
                    "is_mandatory": step.is_mandatory,
                    "is_notice_only": step.is_notice_only,
                }
                for incident in incidents
                for step in steps_sudo
            ]
        )

    def action_done(self):
        """Tick tasks off (button)."""
        self.incident_id._check_desk()
        # sudo: the desk was checked; who and when come from here.
        for task_sudo in self.sudo().filtered(lambda task: not task.done_at):
            task_sudo.write({"done_at": fields.Datetime.now(), "done_by": self.env.uid})
            task_sudo.incident_id.with_user(self.env.user)._tell("task", task_sudo.name)
        return True

    def action_undone(self):
        """Open a task again (button)."""
        self.incident_id._check_desk()
        # sudo: the desk was checked; the timeline keeps that it was ticked off.
        self.sudo().write({"done_at": False, "done_by": False})
        return True
