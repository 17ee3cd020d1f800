from odoo import api, models

from odoo.addons.veloc_compliance.const import PROMOTIONAL

from ..rules.planner import ACTIVE, ENDING_REFUSALS


class VelocSuppression(models.Model):
    """Who comes under care leaves every cadence that would promote something."""

    _inherit = "veloc.suppression"

    @api.model
    def _impose(self, partner_ids, kind, channel=None, source="", note="", until=None):
        """Impose, and end the runs that would go on asking.

        Runs that only serve the account go on; of the deceased every run ends.
        """
        result = super()._impose(partner_ids, kind, channel, source, note, until)
        if kind in ENDING_REFUSALS:
            self._leave_cadences(list(partner_ids), kind)
        return result

    def _leave_cadences(self, partner_ids, kind):
        domain = [("partner_id", "in", partner_ids), ("state", "=", ACTIVE)]
        if kind != "deceased":
            purpose = "version_id.step_ids.template_id.purpose_id.kind"
            domain.append((purpose, "in", list(PROMOTIONAL)))
        # sudo: the engine owns the runs, whoever imposes.
        runs_sudo = self.env["veloc.enrolment"].sudo().search(domain)
        if runs_sudo:
            runs_sudo._leave(kind)
