"""One decision of a simulation."""

from odoo import api, fields, models

from odoo.addons.veloc_compliance.const import CHANNELS

from ..words import VERDICTS, say_selection


class VelocCadenceTrialLine(models.TransientModel):
    """One decision that would be taken."""

    _name = "veloc.cadence.trial.line"
    _description = "Simulated Decision"
    _order = "at, id"

    trial_id = fields.Many2one("veloc.cadence.trial", required=True, ondelete="cascade")
    at = fields.Datetime(string="When", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Person", ondelete="cascade", readonly=True
    )
    step_id = fields.Many2one("veloc.cadence.step", ondelete="cascade", readonly=True)
    channel = fields.Selection(CHANNELS, readonly=True)
    verdict = fields.Selection(VERDICTS, readonly=True)
    words = fields.Char(string="Why", readonly=True)
    until = fields.Datetime(string="Put Off Until", readonly=True)

    @api.depends("verdict", "partner_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for line in self:
            words = say_selection(self.env, self._name, "verdict", line.verdict)
            line.display_name = f"{words} · {line.partner_id.display_name}"
