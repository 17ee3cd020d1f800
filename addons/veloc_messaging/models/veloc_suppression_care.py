from odoo import api, models

from odoo.addons.veloc_compliance.const import CHANNEL_SUPPRESSIONS

from ..rules import call_outcome


class VelocSuppression(models.Model):
    """Nobody is asked to call a person who has just come under care."""

    _inherit = "veloc.suppression"

    @api.model
    def _impose(self, partner_ids, kind, channel=None, source="", note="", until=None):
        """Impose, and take the calls off the desk that the gate now refuses.

        Messages that wait are refused when they are claimed; a task would stand
        before somebody's eyes until then.
        """
        result = super()._impose(partner_ids, kind, channel, source, note, until)
        if kind not in CHANNEL_SUPPRESSIONS:
            self._clear_desk(list(partner_ids))
        return result

    def _clear_desk(self, partner_ids):
        # sudo: tasks of all callers, whoever imposes.
        calls_sudo = (
            self.env["veloc.call"]
            .sudo()
            .search([("partner_id", "in", partner_ids), ("state", "=", "open")])
        )
        verdicts = calls_sudo._verdicts()
        for call_sudo in calls_sudo:
            verdict = verdicts[call_sudo.id]
            if verdict.outcome == "refused":
                call_sudo._close(call_outcome.not_allowed(verdict.reason))
