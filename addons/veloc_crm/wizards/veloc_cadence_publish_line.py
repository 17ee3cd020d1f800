"""One row of the head-counts in the publishing dialog."""

from odoo import fields, models


class VelocCadencePublishLine(models.TransientModel):
    """How many wait for one step, and where "move" would take them."""

    _name = "veloc.cadence.publish.line"
    _description = "Publishing Plan Line"

    publish_id = fields.Many2one("veloc.cadence.publish", ondelete="cascade")
    step_id = fields.Many2one("veloc.cadence.step", string="Waiting For")
    version_id = fields.Many2one(related="step_id.version_id")
    waiting_count = fields.Integer(string="People")
    target_id = fields.Many2one("veloc.cadence.step", string="Move Takes Them To")
