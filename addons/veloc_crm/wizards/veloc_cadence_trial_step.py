"""How often a simulated step did what."""

from odoo import fields, models

from odoo.addons.veloc_compliance.const import CHANNELS


class VelocCadenceTrialStep(models.TransientModel):
    """Counted, never decided."""

    _name = "veloc.cadence.trial.step"
    _description = "Simulated Step"
    _order = "id"

    trial_id = fields.Many2one("veloc.cadence.trial", required=True, ondelete="cascade")
    step_id = fields.Many2one("veloc.cadence.step", ondelete="cascade", readonly=True)
    channel = fields.Selection(CHANNELS, readonly=True)
    sent_count = fields.Integer(string="Would Be Sent", readonly=True)
    deferred_count = fields.Integer(string="Put Off", readonly=True)
    refused_count = fields.Integer(string="Refused", readonly=True)
    skipped_count = fields.Integer(string="Skipped", readonly=True)
    expired_count = fields.Integer(string="Too Late", readonly=True)
    exited_count = fields.Integer(string="Leave Here", readonly=True)
    main_reason = fields.Char(string="Most Frequent Reason", readonly=True)
