"""A version is checked against the segment that feeds it."""

from odoo import models

from odoo.addons.veloc_compliance.const import PROMOTIONAL


class VelocCadenceVersion(models.Model):
    """What is for care only never feeds a cadence that sells."""

    _inherit = "veloc.cadence.version"

    def _find_problems(self):
        problems = super()._find_problems()
        kinds = self.step_ids.template_id.purpose_id.mapped("kind")
        if self.cadence_id.entry_segment_id.for_care and not PROMOTIONAL.isdisjoint(
            kinds
        ):
            problems.append(
                self.env._(
                    "The segment is for care only: each step needs a template of a "
                    "service purpose."
                )
            )
        return problems
