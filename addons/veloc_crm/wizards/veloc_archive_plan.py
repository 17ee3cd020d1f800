from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import human_size


class VelocArchivePlan(models.TransientModel):
    """What would leave tonight, before anybody lets it."""

    _name = "veloc.archive.plan"
    _description = "Plan of the Archive"

    months_kept = fields.Integer(
        required=True,
        default=lambda self: self.env["veloc.archive"]._get_limit(),
        help="Older months leave the database; 0: never.",
    )
    is_armed = fields.Boolean(
        "On",
        readonly=True,
        default=lambda self: self.env["veloc.archive"]._is_armed(),
    )
    plan = fields.Text("Would Leave Tonight", compute="_compute_plan")

    @api.depends("months_kept")
    def _compute_plan(self):
        archives, now = self.env["veloc.archive"], fields.Datetime.now()
        for wizard in self:
            months = archives._due_months(now, wizard.months_kept)
            wizard.plan = "\n".join(
                self.env._(
                    "%(month)s: about %(rows)s events, %(size)s",
                    month=f"{month:%Y-%m}",
                    rows=f"{rows:,}",
                    size=human_size(size),
                )
                for month, rows, size in archives._measure_months(months)
            ) or self.env._("Nothing: no month is that old.")

    def action_arm(self):
        """Let old months leave, from tonight on (button)."""
        if self.months_kept < 1:
            raise UserError(self.env._("Say after how many months events leave."))
        return self._save(is_armed=True)

    def action_disarm(self):
        """Keep every month in the database (button)."""
        return self._save(is_armed=False)

    def _save(self, is_armed):
        self.env["veloc.archive"]._check_manager()
        # sudo: the caller was checked; these two settings and no others.
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        parameters_sudo.set_param(
            "veloc_crm.archive_after_months", str(self.months_kept)
        )
        parameters_sudo.set_param("veloc_crm.archive_armed", "1" if is_armed else "0")
        return {"type": "ir.actions.act_window_close"}
